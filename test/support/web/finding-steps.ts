/** A text that may stand anywhere, in any case, or is all of it. */
export type Words =
  | { readonly text: string; readonly exact: boolean }
  | { readonly source: string; readonly flags: string };

/** How to get from some elements to others; the first step begins at the document. */
export type Step =
  | { readonly by: 'css'; readonly selector: string }
  | { readonly by: 'role'; readonly role: string; readonly name?: Words }
  | { readonly by: 'text' | 'label' | 'containing'; readonly words: Words }
  | { readonly by: 'place'; readonly at: 0 | -1 };
