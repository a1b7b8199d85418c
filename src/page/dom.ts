/** The element that index.html promises under `id`. */
export function byId<E extends Element>(id: string, type: abstract new () => E): E {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`index.html has no ${type.name} #${id}`);
  return found;
}

/** A new element with its attributes and contents. An attribute that is `undefined` or `false` is left out. */
export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, string | boolean | undefined>> = {},
  ...contents: readonly (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    // The page's policy forbids a style as an attribute; as a property it is free.
    if (name === 'style') element.style.cssText = String(value);
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...contents);
  return element;
}

/** Writes text where it differs, so that nothing is laid out or read aloud for no reason. */
export function write(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Lets the keyboard reach a region whenever it scrolls. @param content what the region holds */
export function scrollByKeyboard(region: HTMLElement, content: HTMLElement): void {
  new ResizeObserver(() => {
    const scrolls = region.scrollHeight > region.clientHeight || region.scrollWidth > region.clientWidth;
    if (scrolls) region.tabIndex = 0;
    else region.removeAttribute('tabindex');
  }).observe(content);
}
