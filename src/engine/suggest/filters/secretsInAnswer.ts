import { redacted, redactSecrets } from '../../workspace/redact.ts';
import type { Filter } from './filter.ts';

/**
 * Drops an answer that holds a secret, or the placeholder of one that isn't in the text it replaces: neither belongs in
 * the file, and the first not in the memory.
 */
export const secretsInAnswer: Filter = (text, place) => {
  if (redactSecrets(text).count > 0) return null;
  return text.includes(redacted) && !place.before.includes(redacted) ? null : text;
};
