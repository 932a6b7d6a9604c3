/**
 * The header of a `.safetensors` file: 8 bytes with its length (little-endian), then JSON, then the tensors' bytes.
 * Rules as in the format's reference (huggingface/safetensors, `SafeTensors::read_metadata` and `Metadata::validate`).
 */
import { type DType, dtypes } from '../dtype.ts';
import type { Shape } from '../model.ts';
import { ModelFileError, quoted } from './fileError.ts';

/** A `.safetensors` file that can't be used. */
export class SafetensorsError extends ModelFileError {}

/** Where a tensor lies in its file. */
export interface TensorPlace {
  readonly dtype: DType;
  readonly shape: Shape;
  /** From the start of the file. */
  readonly byteOffset: number;
  readonly byteLength: number;
}

export interface SafetensorsHeader {
  /** Free text of the writer (`format`: `pt`). */
  readonly metadata: ReadonlyMap<string, string>;
  /** In the order of their bytes. */
  readonly tensors: ReadonlyMap<string, TensorPlace>;
}

/** The format's own limit for the JSON. */
export const maxHeaderBytes = 100_000_000;
/** The length that stands before the JSON. */
export const prefixBytes = 8;

/** The format's names, in the order in which the reference writes tensors: large elements first, so all are aligned. */
export const formatNames: { readonly [name in DType]: string } = {
  int64: 'I64',
  float64: 'F64',
  float32: 'F32',
  int32: 'I32',
  bfloat16: 'BF16',
  float16: 'F16',
  int8: 'I8',
  uint8: 'U8',
  bool: 'BOOL',
};

const dtypeOf: ReadonlyMap<unknown, DType> = new Map(
  (Object.keys(formatNames) as DType[]).map((dtype) => [formatNames[dtype], dtype]),
);

/** Of the format, but nothing here computes with them. */
const foreign = new Set(
  'I16 U16 U32 U64 C64 F8_E5M2 F8_E4M3 F8_E8M0 F8_E5M2FNUZ F8_E4M3FNUZ F6_E2M3 F6_E3M2 F4'.split(' '),
);

const again = 'Download or copy the file again.';

/**
 * The number of bytes of JSON, from the first 8 bytes of a file of `fileBytes`. Throws `SafetensorsError` when the file
 * can't hold so many, so nothing is ever allocated on the file's word.
 */
export function headerBytes(file: string, prefix: Uint8Array, fileBytes: number): number {
  if (prefix.length < prefixBytes) {
    throw new SafetensorsError(file, `is cut off: it has ${prefix.length} bytes, not even a header.`, again);
  }
  const claimed = new DataView(prefix.buffer, prefix.byteOffset, prefixBytes).getBigUint64(0, true);
  if (claimed > BigInt(maxHeaderBytes)) {
    throw new SafetensorsError(
      file,
      `is no safetensors file, or is damaged: its header would have ${claimed} bytes.`,
      again,
    );
  }
  if (claimed > BigInt(fileBytes - prefixBytes)) {
    const problem = `is cut off: its header has ${claimed} bytes, the whole file ${fileBytes}.`;
    throw new SafetensorsError(file, problem, again);
  }
  return Number(claimed);
}

/** Checks everything the format demands of the JSON (without the 8 bytes before it). Throws `SafetensorsError`. */
export function parseHeader(file: string, json: Uint8Array, fileBytes: number): SafetensorsHeader {
  const fail = (problem: string, advice = again) => new SafetensorsError(file, problem, advice);
  const parsed = parseJson(json, fail);
  const metadata = new Map<string, string>();
  const tensors: [string, TensorPlace][] = [];
  const dataStart = prefixBytes + json.length;
  for (const [name, entry] of Object.entries(parsed)) {
    if (name !== '__metadata__') {
      tensors.push([name, parseEntry(name, entry, dataStart, fail)]);
      continue;
    }
    if (!isObject(entry)) throw fail('is damaged: its “__metadata__” is not an object.');
    for (const [key, value] of Object.entries(entry)) {
      if (typeof value !== 'string') throw fail(`is damaged: ${quoted(key)} of its “__metadata__” is not text.`);
      metadata.set(key, value);
    }
  }
  tensors.sort(([, a], [, b]) => a.byteOffset - b.byteOffset || a.byteLength - b.byteLength);
  let end = dataStart;
  for (const [name, { byteOffset, byteLength }] of tensors) {
    if (byteOffset !== end) {
      const what = byteOffset < end ? 'overlaps the tensor before it' : 'leaves a hole before it';
      throw fail(`is damaged: tensor ${quoted(name)} ${what}.`);
    }
    end += byteLength;
  }
  if (end > fileBytes) throw fail(`is cut off: its tensors need ${end} bytes, it has ${fileBytes}.`);
  if (end < fileBytes) throw fail(`is damaged: ${fileBytes - end} bytes at its end belong to no tensor.`);
  return { metadata, tensors: new Map(tensors) };
}

type Fail = (problem: string, advice?: string) => SafetensorsError;
type JsonObject = { readonly [key: string]: unknown };

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function parseJson(json: Uint8Array, fail: Fail): JsonObject {
  if (json[0] !== 0x7b) throw fail('is no safetensors file, or is damaged: its header does not begin with “{”.');
  let text: string;
  let parsed: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(json);
    parsed = JSON.parse(text);
  } catch {
    throw fail('is damaged: its header is not valid JSON.');
  }
  if (!isObject(parsed)) throw fail('is damaged: its header is not an object.');
  const twice = repeatedKey(text);
  if (twice !== null) throw fail(`is damaged: ${quoted(twice)} is there twice.`);
  return parsed;
}

/** A key that an object of `json` (which is valid) has twice, or null. `JSON.parse` keeps the last one and says nothing. */
function repeatedKey(json: string): string | null {
  /** Keys of the objects we are in; null stands for an array. */
  const open: (Set<string> | null)[] = [];
  for (let at = 0; at < json.length; at++) {
    const character = json[at];
    if (character === '{') open.push(new Set());
    else if (character === '[') open.push(null);
    else if (character === '}' || character === ']') open.pop();
    else if (character === '"') {
      const close = closingQuote(json, at);
      const keys = open.at(-1);
      if (keys && beforeColon(json, close + 1)) {
        const key: string = JSON.parse(json.slice(at, close + 1));
        if (keys.has(key)) return key;
        keys.add(key);
      }
      at = close;
    }
  }
  return null;
}

function closingQuote(json: string, opening: number): number {
  for (let at = opening + 1; ; at++) {
    if (json[at] === '\\') at++;
    else if (json[at] === '"') return at;
  }
}

function beforeColon(json: string, from: number): boolean {
  let at = from;
  while (' \t\n\r'.includes(json[at]!)) at++;
  return json[at] === ':';
}

function parseEntry(name: string, entry: unknown, dataStart: number, fail: Fail): TensorPlace {
  const bad = (problem: string, advice?: string) => fail(`is damaged: tensor ${quoted(name)} ${problem}.`, advice);
  if (!isObject(entry)) throw bad('is not described by an object');
  const dtype = dtypeOf.get(entry.dtype);
  if (dtype === undefined) {
    if (typeof entry.dtype !== 'string') throw bad('has no element type');
    const given = quoted(entry.dtype);
    if (!foreign.has(entry.dtype)) throw bad(`has an unknown element type ${given}`);
    throw fail(
      `has tensor ${quoted(name)} of type ${given}, which is not supported.`,
      `Use a version of the model in F32, F16 or BF16.`,
    );
  }
  const { shape, data_offsets: offsets } = entry;
  if (!Array.isArray(shape) || !shape.every(isCount)) throw bad('has no valid shape');
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount)) throw bad('has no valid offsets');
  const [from, to] = offsets as [number, number];
  if (to < from) throw bad('ends before it begins');
  // Zero first: [2^60, 2^60, 0] is an empty tensor whose product overflows on the way only.
  const elements = shape.includes(0) ? 0 : shape.reduce((product, size) => product * size, 1);
  const byteLength = elements * dtypes[dtype].bytes;
  if (!Number.isSafeInteger(byteLength)) throw bad('has a shape that overflows');
  if (to - from !== byteLength) throw bad(`needs ${byteLength} bytes but has ${to - from}`);
  return { dtype, shape, byteOffset: dataStart + from, byteLength };
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
