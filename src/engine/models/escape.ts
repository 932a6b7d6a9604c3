import { openEnd, type TextFilter } from './textFilter.ts';

/**
 * Control tokens in the user's own code. `<|fim_prefix|>` becomes `< |fim_prefix|>` with a plain space after its first
 * character: visible, so nothing hidden ends up in a file, and undone in what the model answers.
 */

const broken = (token: string): string => `${token[0]} ${token.slice(1)}`;

const escapePattern = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** `text` with every one of `tokens` broken up. Breaking one can't create another: all begin with a bracket. */
export function withoutTokens(text: string, tokens: readonly string[]): string {
  if (!tokens.some((token) => text.includes(token))) return text;
  return text.replace(new RegExp(tokens.map(escapePattern).join('|'), 'g'), broken);
}

/**
 * Undoes `withoutTokens` in an answer. Only for prompts that held a token (`source`): elsewhere `< s>` is what it says.
 * Holds back at most the length of the longest token.
 */
export function restoring(source: string, tokens: readonly string[]): TextFilter | null {
  const used = tokens.filter((token) => source.includes(token));
  if (used.length === 0) return null;
  const pattern = new RegExp(used.map((token) => escapePattern(broken(token))).join('|'), 'g');
  const restore = (text: string): string => text.replace(pattern, (match) => match[0] + match.slice(2));
  let held = '';
  return {
    push(text) {
      const all = restore(held + text);
      const keep = used.reduce((length, token) => Math.max(length, openEnd(all, broken(token))), 0);
      held = all.slice(all.length - keep);
      return all.slice(0, all.length - keep);
    },
    flush() {
      const rest = held;
      held = '';
      return rest;
    },
  };
}

/**
 * Control tokens of the common chat formats. Servers that build the conversation as text read them in a message too, so
 * a file holding one could end the user's turn and begin another.
 */
export const chatTokens: readonly string[] = [
  '<|im_start|>',
  '<|im_end|>',
  '<|endoftext|>',
  '<|end_of_text|>',
  '<|start_header_id|>',
  '<|end_header_id|>',
  '<|eot_id|>',
  '<|start_of_role|>',
  '<|end_of_role|>',
  '<start_of_turn>',
  '<end_of_turn>',
  '<|system|>',
  '<|user|>',
  '<|assistant|>',
  '<|end|>',
  '[INST]',
  '[/INST]',
  '<｜User｜>',
  '<｜Assistant｜>',
  '<｜end▁of▁sentence｜>',
];
