import { equip, type Host } from './environment.ts';
import { peers } from './peers.ts';
import type { Command, Event } from './protocol.ts';
import { runSuite } from './suite.ts';

/** The benchmark's worker: goes through the suite at the other end of a page's messages. */

const tell = (event: Event) => postMessage(event);

const equipment = equip(browser(), navigator.gpu, { peers });
equipment.then(
  ({ bench, missing }) => tell({ kind: 'ready', environment: bench.environment, missing }),
  (error: Error) => tell({ kind: 'failed', reason: error.message }),
);

addEventListener('message', async ({ data }: MessageEvent<Command>) => {
  try {
    for await (const progress of runSuite((await equipment).bench, data.assignment)) {
      tell({ kind: 'progress', ...progress });
    }
  } catch (error) {
    tell({ kind: 'failed', reason: (error as Error).message });
  }
});

/** The browser's name and version, as it gives them. */
function browser(): Host {
  const {
    userAgent,
    hardwareConcurrency: cores,
    userAgentData,
  } = navigator as Navigator & {
    readonly userAgentData?: { readonly platform: string };
  };
  const [, name, version] = /(Edg|OPR|Firefox|HeadlessChrome|Chrome)\/([\d.]+)/.exec(userAgent) ?? [];
  const [, safari] = /Version\/([\d.]+) .*Safari/.exec(userAgent) ?? [];
  const host = name ? `${name} ${version}` : safari ? `Safari ${safari}` : userAgent;
  const system = userAgentData?.platform || (/\(([^;)]+)/.exec(userAgent)?.[1] ?? 'unknown');
  return { host, system, cores };
}
