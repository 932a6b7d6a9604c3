/** Suggestions as a day's work leaves them, for the preview and the browser tests. */
import type { EpisodeCard, Event, Rating, Reason } from '../../src/protocol/episode.ts';

/** Deterministic UUIDv7: the same picture every time. */
export function previewId(atMs: number, serial: number): string {
  const time = Math.floor(atMs).toString(16).padStart(12, '0');
  const tail = serial.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${tail}`;
}

interface Sketch {
  readonly minutesAgo: number;
  readonly kind?: 'inline' | 'edit';
  readonly file: string;
  readonly line: number;
  readonly languageId: string;
  readonly instruction?: string;
  readonly prefix?: string;
  readonly before?: string;
  readonly suffix?: string;
  /** The candidates; the first is offered. */
  readonly texts: readonly string[];
  readonly model: string;
  readonly happened: Event['type'];
  readonly reason?: string;
  /** Which candidate it happened to. */
  readonly chosen?: number;
  readonly share?: number;
  readonly thumb?: 'up' | 'down';
  readonly score?: number;
  readonly reasons?: readonly Reason[];
  readonly comment?: string;
  readonly forbidden?: boolean;
  readonly others?: number;
  /** Examples: how many cards further down, and how similar. */
  readonly examples?: readonly (readonly [number, number])[];
}

const sketches: readonly Sketch[] = [
  {
    minutesAgo: 2,
    kind: 'edit',
    file: 'src/billing/orders.ts',
    line: 41,
    languageId: 'typescript',
    instruction: 'Return null for an unknown order instead of throwing',
    prefix: 'export class Orders {\n  constructor(private readonly rows: ReadonlyMap<string, OrderRow>) {}\n\n',
    before:
      '  find(id: string): Order {\n    const row = this.rows.get(id);\n    if (!row) throw new Error("No order " + id);\n    return toOrder(row);\n  }\n',
    suffix: '\n  *open(): Iterable<Order> {\n',
    texts: [
      '  find(id: string): Order | null {\n    const row = this.rows.get(id);\n    return row ? toOrder(row) : null;\n  }\n',
      '  find(id: string): Order | undefined {\n    const row = this.rows.get(id);\n    return row && toOrder(row);\n  }\n',
      '  find(id: string): Order | null {\n    return this.rows.has(id) ? toOrder(this.rows.get(id)!) : null;\n  }\n',
    ],
    model: 'ollama:qwen2.5-coder:7b',
    happened: 'accepted',
    examples: [
      [1, 0.91],
      [4, 0.74],
      [7, 0.58],
    ],
  },
  {
    minutesAgo: 6,
    file: 'src/billing/invoices.ts',
    line: 118,
    languageId: 'typescript',
    prefix: 'function totalOf(lines: readonly Line[]): Cents {\n  const net = ',
    suffix: ';\n  return net + taxOf(net);\n}\n',
    texts: ['lines.reduce((sum, line) => sum + line.quantity * line.unitPrice, 0)'],
    model: 'workspace',
    happened: 'retained',
    share: 0.92,
    thumb: 'up',
    score: 9,
    comment: 'Exactly how we sum elsewhere.',
    examples: [[3, 0.83]],
  },
  {
    minutesAgo: 14,
    file: 'src/http/retry.ts',
    line: 22,
    languageId: 'typescript',
    prefix: 'export async function retry<T>(run: () => Promise<T>, attempts: number): Promise<T> {\n  ',
    suffix: '\n}\n',
    texts: [
      'for (let i = 0; i < attempts; i++) {\n    try {\n      return await run();\n    } catch {\n      await sleep(2 ** i * 100);\n    }\n  }\n  throw new Error("failed");',
    ],
    model: 'workspace',
    happened: 'rejected',
    reason: 'escape',
    thumb: 'down',
    score: 3,
    reasons: ['wrongStyle', 'brokenCode'],
    comment: 'Swallows the last error; we keep it as cause.',
  },
  {
    minutesAgo: 31,
    file: 'tests/test_importer.py',
    line: 64,
    languageId: 'python',
    prefix: 'def test_skips_rows_without_a_date(tmp_path):\n    source = tmp_path / "rows.csv"\n    ',
    suffix: '\n',
    texts: [
      'source.write_text("id,date\\n1,2026-01-02\\n2,\\n")\n    assert [row.id for row in read_rows(source)] == [1]',
    ],
    model: 'workspace',
    happened: 'accepted',
  },
  {
    minutesAgo: 58,
    kind: 'edit',
    file: 'src/ui/settings/ThemePicker.tsx',
    line: 9,
    languageId: 'typescriptreact',
    instruction: 'Make it keyboard operable and add a label',
    prefix: "import { themes } from './themes';\n\n",
    before:
      'export function ThemePicker({ value, onChange }: Props) {\n  return (\n    <div className="picker">\n      {themes.map((theme) => (\n        <div key={theme.id} onClick={() => onChange(theme.id)}>\n          {theme.label}\n        </div>\n      ))}\n    </div>\n  );\n}\n',
    suffix: '',
    texts: [
      'export function ThemePicker({ value, onChange }: Props) {\n  const groupId = useId();\n  return (\n    <fieldset className="picker" aria-labelledby={groupId}>\n      <legend id={groupId}>Theme</legend>\n      {themes.map((theme) => (\n        <label key={theme.id}>\n          <input\n            type="radio"\n            name={groupId}\n            checked={theme.id === value}\n            onChange={() => onChange(theme.id)}\n          />\n          {theme.label}\n        </label>\n      ))}\n    </fieldset>\n  );\n}\n',
    ],
    model: 'openai:gpt-5-mini',
    happened: 'partlyAccepted',
    score: 7,
    others: 1,
  },
  {
    minutesAgo: 95,
    file: 'crates/index/src/postings.rs',
    line: 203,
    languageId: 'rust',
    prefix: 'impl Postings {\n    pub fn merge(&mut self, other: &Postings) {\n        ',
    suffix: '\n    }\n}\n',
    texts: [
      'self.docs.extend_from_slice(&other.docs);\n        self.docs.sort_unstable();\n        self.docs.dedup();',
    ],
    model: 'ollama:qwen2.5-coder:1.5b',
    happened: 'reverted',
    thumb: 'down',
    reasons: ['undidMyChange'],
    forbidden: true,
  },
  {
    minutesAgo: 130,
    file: 'scripts/release.sh',
    line: 11,
    languageId: 'shellscript',
    prefix: 'set -euo pipefail\n\n',
    suffix: '\ngit push --follow-tags\n',
    texts: ['version=$(node -p "require(\'./package.json\').version")'],
    model: 'workspace',
    happened: 'ignored',
    reason: 'typedPast',
  },
  {
    minutesAgo: 60 * 5,
    kind: 'edit',
    file: 'src/search/highlight.ts',
    line: 30,
    languageId: 'typescript',
    instruction: 'Escape the query before it becomes a pattern',
    before: '  const pattern = new RegExp(query, "gi");\n',
    texts: ['  const pattern = new RegExp(escapeRegExp(query), "gi");\n'],
    model: 'vscode:copilot-gpt-4.1',
    happened: 'accepted',
    score: 8,
  },
  {
    minutesAgo: 60 * 26,
    file: '',
    line: 0,
    languageId: 'markdown',
    prefix: '# Notes\n\n- ',
    suffix: '',
    texts: ['Ask about the retention period'],
    model: 'workspace',
    happened: 'shown',
  },
  {
    minutesAgo: 60 * 24 * 9,
    file: 'packages/a-package-with-a-rather-long-name/src/deeply/nested/folder/structure/createConnectionPool.ts',
    line: 1204,
    languageId: 'typescript',
    prefix: 'export const defaults = {\n',
    before: '  maxConnections: 10,\n',
    suffix: '};\n',
    texts: ['  maxConnections: Number(process.env.POOL_SIZE ?? 10),\n'],
    model: 'ollama:hf.co/bartowski/Qwen2.5-Coder-14B-Instruct-GGUF:Q4_K_M',
    kind: 'edit',
    instruction: 'Read the pool size from the environment, keep 10 as the default and never go below one connection',
    happened: 'rejected',
    reason: 'tooLittle',
    thumb: 'down',
  },
];

/** The cards as they are at `nowMs`, newest first. */
export function previewCards(nowMs: number): EpisodeCard[] {
  const ids = sketches.map((sketch, i) => previewId(nowMs - sketch.minutesAgo * 60_000, i + 1));
  return sketches.map((sketch, i) => card(sketch, nowMs, i, ids));
}

function card(sketch: Sketch, nowMs: number, index: number, ids: readonly string[]): EpisodeCard {
  const id = ids[index]!;
  const at = nowMs - sketch.minutesAgo * 60_000;
  const before = sketch.before ?? '';
  const candidates = sketch.texts.map((text, n) => ({
    id: previewId(at, 1000 * (index + 1) + n),
    text,
    model: sketch.model,
  }));
  return {
    episode: {
      id,
      at,
      kind: sketch.kind ?? 'inline',
      file: sketch.file,
      languageId: sketch.languageId,
      range: {
        startLine: sketch.line,
        startCharacter: 0,
        endLine: sketch.line + before.split('\n').length - 1,
        endCharacter: 0,
      },
      instruction: sketch.instruction ?? '',
      prefix: sketch.prefix ?? '',
      before,
      suffix: sketch.suffix ?? '',
      candidates,
      offered: 0,
      propensity: 1,
      examples: (sketch.examples ?? []).map(([further, similarity]) => ({
        episodeId: ids[index + further]!,
        similarity,
      })),
    },
    outcome: {
      type: sketch.happened,
      at: at + 4000,
      candidateId: candidates[sketch.chosen ?? 0]!.id,
      ...(sketch.reason === undefined ? {} : { reason: sketch.reason }),
      ...(sketch.share === undefined ? {} : { share: sketch.share }),
    },
    rating: rating(sketch, id, at),
    forbidden: sketch.forbidden ?? false,
    otherRatings: sketch.others ?? 0,
  };
}

function rating({ thumb, score, reasons, comment }: Sketch, episodeId: string, at: number): Rating | null {
  if (thumb === undefined && score === undefined) return null;
  return {
    id: previewId(at + 9000, 7),
    episodeId,
    at: at + 9000,
    rater: 'preview',
    thumb: thumb ?? null,
    score: score ?? null,
    reasons: [...(reasons ?? [])],
    comment: comment ?? '',
    correction: null,
    withdrawn: false,
  };
}
