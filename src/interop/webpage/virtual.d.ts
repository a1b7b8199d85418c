/** What `plugin.ts` makes when it is asked for. */
declare module 'virtual:webpage' {
  /** The page with places for what `write.ts` puts in, the script and style that it brings along, and the policy that admits them. */
  const parts: { readonly page: string; readonly script: string; readonly style: string; readonly policy: string };
  export default parts;
}
