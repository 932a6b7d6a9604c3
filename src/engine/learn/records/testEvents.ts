/**
 * A reader of event files for tests. It shares nothing with the writer: the CRC is computed bit by bit from the polynomial
 * as published, messages are walked field by field.
 */

export interface ReadScalar {
  readonly tag: string;
  readonly value: number;
  readonly description: string | null;
}

export interface ReadEvent {
  readonly wallTime: number;
  readonly step: number;
  readonly fileVersion: string | null;
  readonly scalars: readonly ReadScalar[];
}

export interface ReadEvents {
  readonly events: readonly ReadEvent[];
  /** Bytes after the last whole record. */
  readonly tornBytes: number;
}

/** MSB-first over reversed bits: the long way round. */
export function slowCrc32c(bytes: Uint8Array): number {
  const reversed = (value: number, bits: number): number => {
    let out = 0;
    for (let bit = 0; bit < bits; bit++) if (value & (1 << bit)) out |= 1 << (bits - 1 - bit);
    return out >>> 0;
  };
  let register = 0xffffffffn;
  for (const byte of bytes) {
    register ^= BigInt(reversed(byte, 8)) << 24n;
    for (let bit = 0; bit < 8; bit++) {
      register = register & 0x80000000n ? ((register << 1n) ^ 0x1edc6f41n) & 0xffffffffn : register << 1n;
    }
  }
  return (reversed(Number(register), 32) ^ 0xffffffff) >>> 0;
}

const unmask = (masked: number): number => {
  const rotated = (BigInt(masked) - 0xa282ead8n) & 0xffffffffn;
  return Number(((rotated >> 17n) | (rotated << 15n)) & 0xffffffffn);
};

/** Throws at a wrong checksum; an unfinished record at the end is not read. */
export function readEvents(bytes: Uint8Array): ReadEvents {
  const events: ReadEvent[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 0;
  while (at + 12 <= bytes.length) {
    const length = Number(view.getBigUint64(at, true));
    if (unmask(view.getUint32(at + 8, true)) !== slowCrc32c(bytes.subarray(at, at + 8)))
      throw new Error(`length at ${at}`);
    if (at + 16 + length > bytes.length) break;
    const payload = bytes.subarray(at + 12, at + 12 + length);
    if (unmask(view.getUint32(at + 12 + length, true)) !== slowCrc32c(payload)) throw new Error(`payload at ${at}`);
    events.push(eventIn(payload));
    at += 16 + length;
  }
  return { events, tornBytes: bytes.length - at };
}

type Field = { readonly number: number; readonly bytes: Uint8Array; readonly varint: bigint };

function fieldsIn(message: Uint8Array): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message[at++]!;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < message.length) {
    const key = Number(varint());
    const wire = key & 7;
    const value = wire === 0 ? varint() : 0n;
    const size = wire === 0 ? 0 : wire === 1 ? 8 : wire === 5 ? 4 : Number(varint());
    fields.push({ number: key >>> 3, bytes: Uint8Array.from(message.subarray(at, at + size)), varint: value });
    at += size;
  }
  return fields;
}

const text = (bytes: Uint8Array): string => new TextDecoder('utf-8', { fatal: true }).decode(bytes);

function eventIn(payload: Uint8Array): ReadEvent {
  const fields = fieldsIn(payload);
  const one = (number: number): Field | undefined => fields.find((field) => field.number === number);
  const version = one(3);
  const summary = one(5);
  return {
    wallTime: new DataView(one(1)!.bytes.buffer).getFloat64(0, true),
    step: Number(one(2)?.varint ?? 0n),
    fileVersion: version ? text(version.bytes) : null,
    scalars: summary ? fieldsIn(summary.bytes).map(({ bytes }) => scalarIn(bytes)) : [],
  };
}

function scalarIn(bytes: Uint8Array): ReadScalar {
  const fields = fieldsIn(bytes);
  const metadata = fields.find(({ number }) => number === 9);
  const description = metadata && fieldsIn(metadata.bytes).find(({ number }) => number === 3);
  return {
    tag: text(fields.find(({ number }) => number === 1)!.bytes),
    value: new DataView(fields.find(({ number }) => number === 2)!.bytes.buffer).getFloat32(0, true),
    description: description ? text(description.bytes) : null,
  };
}
