import { computeAccessibleName, getRole, isInaccessible } from 'dom-accessibility-api';
import type { Step, Words } from '../finding-steps.ts';

/** Nothing of these is shown. */
const UNSHOWN = 'head, script, style, noscript, template';

const textOf = (element: Element): string => (element.textContent ?? '').replace(/\s+/g, ' ').trim();

function fits(words: Words, text: string): boolean {
  if ('source' in words) return new RegExp(words.source, words.flags).test(text);
  return words.exact ? text === words.text : text.toLowerCase().includes(words.text.toLowerCase());
}

/** Of a field for a passphrase, ARIA has no role. */
function hasRole(element: Element, role: string): boolean {
  return role === 'textbox' && element.matches('input[type=password]') ? true : getRole(element) === role;
}

const isLabelled = (element: Element): boolean =>
  element.matches('[aria-label], [aria-labelledby]') ||
  (element instanceof HTMLInputElement && (element.labels?.length ?? 0) > 0) ||
  (element instanceof HTMLSelectElement && element.labels.length > 0);

function within(root: ParentNode, step: Step): readonly Element[] {
  const all = [...root.querySelectorAll(step.by === 'css' ? step.selector : '*')];
  switch (step.by) {
    case 'role': {
      const { name, role } = step;
      return all.filter(
        (element) =>
          hasRole(element, role) &&
          !isInaccessible(element) &&
          (name === undefined || fits(name, computeAccessibleName(element).trim())),
      );
    }
    case 'label':
      return all.filter((each) => isLabelled(each) && fits(step.words, computeAccessibleName(each)));
    case 'text': {
      const found = all.filter((each) => !each.matches(UNSHOWN) && fits(step.words, textOf(each)));
      // The innermost ones.
      return found.filter((each) => !found.some((other) => other !== each && each.contains(other)));
    }
    default:
      return all;
  }
}

/** As Playwright's locators find them, in the order of the document. */
export function findElements(steps: readonly Step[]): readonly Element[] {
  let found: readonly ParentNode[] = [document];
  for (const step of steps) {
    if (step.by === 'place') found = found.slice(step.at, step.at === 0 ? 1 : undefined);
    else if (step.by === 'containing')
      found = found.filter((each) => each instanceof Element && fits(step.words, textOf(each)));
    else found = [...new Set(found.flatMap((root) => within(root, step)))];
  }
  return found.filter((each) => each instanceof Element);
}

/** Whether somebody can see it. */
export function isShown(element: Element): boolean {
  const { width, height } = element.getBoundingClientRect();
  return width > 0 && height > 0 && getComputedStyle(element).visibility === 'visible';
}
