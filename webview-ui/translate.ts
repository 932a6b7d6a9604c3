import type { PanelStrings } from '../src/protocol/webview.ts';

/** Looks a string up and puts values in. */
export type TranslateOf<Key extends string> = (key: Key, ...values: readonly (string | number)[]) => string;

/** The words of `english` where `translated` has nothing; `{0}`, `{1}` stand for values. */
export function translatorOf<Key extends string>(
  english: Readonly<Record<Key, string>>,
  translated: PanelStrings,
): TranslateOf<Key> {
  return (key, ...values) =>
    (translated[key] || english[key]).replace(/\{(\d)\}/g, (whole, index: string) =>
      String(values[Number(index)] ?? whole),
    );
}
