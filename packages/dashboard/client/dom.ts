type Child = Node | string;

/** An element with attributes and children. Texts are never read as HTML. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Readonly<Record<string, string>>,
  ...children: readonly Child[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** The element of the page that a selector names. Throws where there is none: the page and this script belong together. */
export function find(selector: string, within: ParentNode = document): HTMLElement {
  const found = within.querySelector<HTMLElement>(selector);
  if (found === null) throw new Error(`the page has no ${selector}`);
  return found;
}

/** The list of that selector. Throws where the page has none. */
export const findSelect = (selector: string): HTMLSelectElement => find(selector) as HTMLSelectElement;
/** The input of that selector. Throws where the page has none. */
export const findInput = (selector: string): HTMLInputElement => find(selector) as HTMLInputElement;
