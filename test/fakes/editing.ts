/**
 * What the servers answer when no script is given: enough to show the extension at work without a model. Follows a few
 * plain instructions on real code; repeats what stands above at a gap; leaves everything else as it is.
 */
import type { FakeReply, FakeRequest } from './fakeServer.ts';

/** Answers one request, always the same way. */
export function editing(request: FakeRequest): FakeReply {
  return { kind: 'text', deltas: inPieces(answerTo(request, 0)) };
}

/** The same for a demonstration: pieces come `delayMs` apart, and asking again gives another variant. */
export function demonstration(delayMs: number): (request: FakeRequest) => FakeReply {
  const asked = new Map<string, number>();
  return (request) => {
    const variant = asked.get(request.prompt) ?? 0;
    asked.set(request.prompt, variant + 1);
    return { kind: 'text', deltas: inPieces(answerTo(request, variant)), delayMs };
  };
}

const inPieces = (text: string): string[] => text.match(/[\s\S]{1,12}/g) ?? [];

function answerTo({ prompt, body }: FakeRequest, variant: number): string {
  if (!Array.isArray(body?.messages)) return continuation(beforeGap(prompt));
  const gap = /<GAP(?:-\d+)?\/>/.exec(prompt.slice(prompt.lastIndexOf('user: ')));
  if (gap) {
    const asked = prompt.slice(prompt.lastIndexOf('user: '));
    return `<fill>${continuation(asked.slice(0, asked.indexOf(gap[0])))}</fill>`;
  }
  const { code, language, fence } = codeOf(prompt);
  const edited = rewrite(code, instructionOf(prompt), language, variant);
  return `${fence}${language}\n${edited}${edited === '' || edited.endsWith('\n') ? '' : '\n'}${fence}`;
}

function instructionOf(prompt: string): string {
  const marked = prompt.lastIndexOf('Instruction:');
  if (marked >= 0) return prompt.slice(marked + 'Instruction:'.length).trim();
  return (
    prompt
      .replace(/(`{3,})[^\n]*\n[\s\S]*?\1/g, '')
      .trim()
      .split('\n')
      .at(-1) ?? ''
  );
}

/** The part to edit: the last answer when there is one, what is said to be replaced, or the last fenced code. */
function codeOf(prompt: string): { code: string; language: string; fence: string } {
  const blocks = [...prompt.matchAll(/^(?:assistant: )?(`{3,})([^\n]*)\n([\s\S]*?)^\1$/gm)].map((match) => ({
    at: match.index,
    fence: match[1] ?? '```',
    language: match[2] ?? '',
    code: match[3] ?? '',
    answered: match[0].startsWith('assistant:'),
  }));
  const nothing = { code: '', language: blocks.at(-1)?.language ?? '', fence: blocks.at(-1)?.fence ?? '```' };
  const answered = blocks.findLast(({ answered }) => answered);
  if (answered) return answered;
  if (prompt.includes('The part is empty')) return nothing;
  const marked = prompt.lastIndexOf('The part to replace:');
  return blocks.find(({ at }) => marked >= 0 && at > marked) ?? blocks.at(-1) ?? nothing;
}

const pythonLike = /^(python|ruby|yaml|shellscript)$/;

/** The code as the instruction wants it; unchanged where the instruction isn't one of the few known. */
export function rewrite(code: string, instruction: string, language: string, variant = 0): string {
  const rename = /\brename\s+[`"']?([\w$]+)[`"']?\s+(?:to|as|into)\s+[`"']?([\w$]+)/i.exec(instruction);
  if (rename?.[1] && rename[2]) {
    const [, from, to] = rename;
    return code.replace(
      new RegExp(`(?<![\\w$])${from.replace(/\$/g, '\\$&')}(?![\\w$])`, 'g'),
      to.replace(/\$/g, '$$$$'),
    );
  }
  if (code.trim() === '') return `${pythonLike.test(language) ? '#' : '//'} ${instruction.split('\n')[0] ?? ''}\n`;
  if (/early return|guard clause|return early/i.test(instruction)) return withEarlyReturn(code, language, variant);
  if (/doc ?(comment|string)|jsdoc|\bdocument\b/i.test(instruction)) return withDocComment(code, language, variant);
  if (/try.{0,6}catch|handle (the )?errors?/i.test(instruction)) return withTry(code);
  if (/\bconst\b/i.test(instruction)) return code.replace(/\b(let|var)(?=\s+[\w$]+\s*=)/g, 'const');
  if (/remove .*(log|print)/i.test(instruction))
    return code.replace(/^[ \t]*(console\.\w+|print(ln)?)\(.*\);?[ \t]*\n/gm, '');
  return code;
}

interface Head {
  readonly lines: readonly string[];
  /** Index of the line that declares the function. */
  readonly at: number;
  readonly indent: string;
  readonly name: string;
  readonly parameter: string | null;
}

/** The first function of the code. */
function headOf(code: string): Head | null {
  const lines = code.split('\n');
  const declared =
    /^(\s*)(?:export\s+)?(?:async\s+)?(?:function\s+|def\s+|(?:const|let)\s+)?([\w$]+)\s*(?:=\s*(?:async\s*)?)?\(([^)]*)\)?.*[{:>]\s*$/;
  const at = lines.findIndex((line) => declared.test(line) && !/^\s*(if|for|while|switch|catch|else)\b/.test(line));
  const match = at < 0 ? null : declared.exec(lines[at] ?? '');
  if (!match) return null;
  const parameter = /[A-Za-z_$][\w$]*/.exec((match[3] ?? '').replace(/^self\s*,?/, ''))?.[0] ?? null;
  return { lines, at, indent: match[1] ?? '', name: match[2] ?? '', parameter };
}

function withEarlyReturn(code: string, language: string, variant: number): string {
  const head = headOf(code);
  if (!head?.parameter) return code;
  const { lines, at, parameter } = head;
  const inner = /^\s*/.exec(lines[at + 1] ?? '')?.[0] || `${head.indent}  `;
  const guard = pythonLike.test(language)
    ? [
        `${inner}if ${variant % 2 === 0 ? `not ${parameter}` : `${parameter} is None`}:`,
        `${inner}${' '.repeat(4)}return None`,
      ]
    : [`${inner}if (${variant % 2 === 0 ? `!${parameter}` : `${parameter} === undefined`}) return;`];
  return [...lines.slice(0, at + 1), ...guard, ...lines.slice(at + 1)].join('\n');
}

function withDocComment(code: string, language: string, variant: number): string {
  const head = headOf(code);
  if (!head) return code;
  const { lines, at, indent, name, parameter } = head;
  const words = name
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replaceAll('_', ' ')
    .toLowerCase();
  const said = `${words.charAt(0).toUpperCase()}${words.slice(1)}${variant % 2 === 1 && parameter ? ` of ${parameter}` : ''}.`;
  if (language === 'python') {
    const inner = /^\s*/.exec(lines[at + 1] ?? '')?.[0] || `${indent}    `;
    return [...lines.slice(0, at + 1), `${inner}"""${said}"""`, ...lines.slice(at + 1)].join('\n');
  }
  return [
    ...lines.slice(0, at),
    pythonLike.test(language) ? `${indent}# ${said}` : `${indent}/** ${said} */`,
    ...lines.slice(at),
  ].join('\n');
}

function withTry(code: string): string {
  const head = headOf(code);
  if (!head) return code;
  const { lines, at, indent } = head;
  const end = lines.findIndex((line, index) => index > at && line === `${indent}}`);
  if (end < 0) return code;
  const inner = `${indent}  `;
  const body = lines.slice(at + 1, end).map((line) => (line === '' ? line : `  ${line}`));
  const caught = [`${inner}} catch (error) {`, `${inner}  console.error(error);`, `${inner}}`];
  return [...lines.slice(0, at + 1), `${inner}try {`, ...body, ...caught, ...lines.slice(end)].join('\n');
}

/** What stands before the gap, in a prompt with `suffix` or one of the raw templates. */
function beforeGap(prompt: string): string {
  const caret = prompt.indexOf('\u2038');
  if (caret >= 0) return prompt.slice(0, caret);
  const raw =
    /(?:fim[_▁-](?:prefix|begin)|\bPRE\b|PREFIX|code_prefix)[^>\]]{0,3}[>\]]+ ?([\s\S]*?)(?: ?<[^<>\n]{0,3}(?:fim[_▁-](?:suffix|hole|middle)|SUF\b|code_middle)|$)/.exec(
      prompt,
    );
  return raw?.[1] ?? prompt;
}

/** The rest of the line, as an earlier line that began the same way went on; else nothing. */
export function continuation(before: string): string {
  const lines = before.split('\n');
  const begun = (lines.pop() ?? '').trimStart();
  if (begun.trim().length < 2) return '';
  const similar = lines
    .map((line) => line.trimStart())
    .findLast((line) => line.startsWith(begun) && line.length > begun.length);
  return similar?.slice(begun.length) ?? '';
}
