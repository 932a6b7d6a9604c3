/** Secrets as servers like to quote them back. */
const secretLike = /\b(sk|pk|rk|hf|gsk|xai|key|ghp|AIza)[-_][\w*.-]{4,}|bearer\s+\S+|[\w-]*\*{3,}[\w-]*/i;

/** How many characters in common with the prompt count as quoting it. */
const quoted = 12;

/**
 * A server's own explanation, as ` (…)` to append to a sentence, or nothing. Servers quote requests (FastAPI's 422 holds
 * the whole input) and keys, so only its first sentence is used, and only when it shares nothing with `hide`.
 */
export function serverWords(text: string, hide: readonly string[]): string {
  const plain = text.replace(/^\d{3} /, '');
  if (/[<{]/.test(plain.slice(0, 200))) return '';
  const sentence =
    /^[^\n]*?[.!?](?=\s|$)|^[^\n]*/
      .exec(plain)?.[0]
      .trim()
      .replace(/[.!?]+$/, '') ?? '';
  if (sentence === '' || sentence.length > 160 || secretLike.test(sentence)) return '';
  return hide.some((hidden) => shares(sentence, hidden.toLowerCase())) ? '' : ` (${sentence})`;
}

function shares(sentence: string, hidden: string): boolean {
  const whole = hidden.trim();
  if (whole.length < quoted) return whole.length > 2 && sentence.includes(whole);
  for (let start = 0; start + quoted <= sentence.length; start++) {
    if (hidden.includes(sentence.slice(start, start + quoted))) return true;
  }
  return false;
}
