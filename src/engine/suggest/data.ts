/**
 * Retrieved code is data. Whatever stands in it can't end its fence, leave its comment, start a line that looks like one
 * of ours, or speak a model's control tokens.
 */
import { commentSyntax } from './language.ts';

/** Everything some language or model takes for a line break. */
const lineBreak = /\r\n|[\n\r\v\f\u0085\u2028\u2029]/;
/** `<|im_start|>`, `<fim_middle>`, `<PRE>`, `[INST]`, `<start_of_turn>`, DeepSeek's `<｜…｜>` and the like. */
const controlToken =
  /<\|[^|<>\n]{1,40}\|>|<｜[^｜<>\n]{1,40}｜>|<\/?(?:s|PRE|SUF|MID|EOT|eos|bos|fim_\w{1,12}|file_sep|repo_name|reponame|start_of_turn|end_of_turn)>|\[\/?(?:INST|SYS|PREFIX|SUFFIX|MIDDLE)\]|<<\/?SYS>>/g;

/** The text with a space in every control token: `< |im_end|>`. */
export function withoutControlTokens(text: string): string {
  return text.replace(controlToken, (token) => `${token[0]} ${token.slice(1)}`);
}

/** A fence of backticks longer than any run in the texts, so that none of them can end it. */
export function fenceFor(texts: readonly string[]): string {
  let longest = 2;
  for (const text of texts) {
    for (const run of text.match(/`+/g) ?? []) longest = Math.max(longest, run.length);
  }
  return '`'.repeat(longest + 1);
}

/** A fenced block. `fence` must come from `fenceFor` over all texts of the prompt. */
export function fenced(text: string, fence: string, languageId: string): string {
  const body = withoutControlTokens(text);
  return `${fence}${/^[\w+#-]*$/.test(languageId) ? languageId : ''}\n${body}${body === '' || body.endsWith('\n') ? '' : '\n'}${fence}`;
}

/** One line in double quotes, at most `most` characters, cut at a word. */
export function quoted(text: string, most: number): string {
  const line = withoutControlTokens(text.split(lineBreak).join(' ')).replace(/\s+/g, ' ').replaceAll('`', "'").trim();
  const short = line.length <= most ? line : `${line.slice(0, most).replace(/\s*\S*$/, '')} …`;
  return JSON.stringify(short);
}

/** Our own words, as comment lines of the language. */
export function comment(text: string, languageId: string): string {
  const { open, close } = commentSyntax(languageId);
  return text
    .split(lineBreak)
    .map((line) => `${open} ${guarded(line, close)}${close === '' ? '' : ` ${close}`}`.trimEnd())
    .join('\n');
}

/** Code as comment lines, each behind a bar, so that no line of it can pass for one of ours. */
export function commentedCode(code: string, languageId: string): string {
  const body = withoutControlTokens(code.replace(/\n$/, ''));
  return comment(
    body
      .split(lineBreak)
      .map((line) => `| ${line}`)
      .join('\n'),
    languageId,
  );
}

/** Takes the end of a block comment apart, for languages that have no line comments. */
function guarded(line: string, close: string): string {
  return close === ''
    ? line
    : line.replaceAll(close, `${close.slice(0, 1)} ${close.slice(1)}`).replaceAll('--!>', '--! >');
}
