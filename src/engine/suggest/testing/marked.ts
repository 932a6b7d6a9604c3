/** For tests: places written as text with marks. */
import { detectIndentUnit, type Place } from '../place.ts';

/**
 * `▮` is the cursor; two of them enclose the part to replace. The document's indentation is found as in the product unless
 * given.
 */
export function marked(text: string, languageId = 'typescript', indentUnit?: string): Place {
  const [prefix, second, third] = text.split('▮') as [string, string, string | undefined];
  const before = third === undefined ? '' : second;
  const suffix = third ?? second;
  const unit = indentUnit ?? detectIndentUnit(prefix + before + suffix, languageId);
  return { languageId, file: 'src/here.ts', prefix, before, suffix, indentUnit: unit };
}
