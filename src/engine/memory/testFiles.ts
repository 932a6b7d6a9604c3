/**
 * A file system in memory that can be cut off. It keeps what programs see apart from what the disk has: bytes reach the
 * disk with `sync`, names with `syncFolder`. A power cut keeps the disk and an arbitrary part of the rest.
 */
import { basename, dirname } from 'node:path';
import type { StoreFiles, WritableFile } from './files.ts';

interface Inode {
  seen: Buffer;
  durable: Buffer;
  modifiedMs: number;
}

type NameChange = { readonly name: string; readonly inode: Inode | null };

export class PowerCut extends Error {}

/** An error as Node makes it. */
export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: made by the test`), { code });
}

export class ModelFiles implements StoreFiles {
  /** Called before each operation that changes something; may throw. */
  beforeChange: (operation: string, path: string) => void = () => {};
  syncs = 0;
  #names = new Map<string, Inode>();
  #durableNames = new Map<string, Inode>();
  #pending: NameChange[][] = [];
  #time = 1;

  /**
   * What a machine finds after its power was cut. `keepNames(i)`: did the i-th unsynced change of names reach the disk?
   * `keepBytes(length)`: how many of that many unsynced bytes at the end of a file did.
   */
  afterPowerCut(keepNames: (index: number) => boolean, keepBytes: (unsynced: number) => number): ModelFiles {
    const next = new ModelFiles();
    const names = new Map(this.#durableNames);
    this.#pending.forEach((changes, index) => {
      if (!keepNames(index)) return;
      for (const { name, inode } of changes) {
        if (inode) names.set(name, inode);
        else names.delete(name);
      }
    });
    const copies = new Map<Inode, Inode>();
    for (const [name, inode] of names) {
      let copy = copies.get(inode);
      if (!copy) {
        const unsynced = Math.max(0, inode.seen.length - inode.durable.length);
        const kept = Buffer.concat([
          inode.durable,
          inode.seen.subarray(inode.durable.length, inode.durable.length + keepBytes(unsynced)),
        ]);
        copy = { seen: kept, durable: kept, modifiedMs: 0 };
        copies.set(inode, copy);
      }
      next.#names.set(name, copy);
      next.#durableNames.set(name, copy);
    }
    return next;
  }

  /** Puts a file on the disk, as if it had always been there. */
  put(path: string, bytes: Buffer): void {
    const inode = { seen: bytes, durable: bytes, modifiedMs: this.#time++ };
    this.#names.set(path, inode);
    this.#durableNames.set(path, inode);
  }

  async makeFolder(): Promise<void> {}

  async list(folder: string): Promise<string[]> {
    return [...this.#names.keys()].filter((name) => dirname(name) === folder).map((name) => basename(name));
  }

  async stat(path: string) {
    const inode = this.#names.get(path);
    return inode ? { sizeBytes: inode.seen.length, modifiedMs: inode.modifiedMs } : null;
  }

  async read(path: string, from = 0, lengthBytes?: number): Promise<Buffer | null> {
    const inode = this.#names.get(path);
    if (!inode) return null;
    return Buffer.from(inode.seen.subarray(from, lengthBytes === undefined ? undefined : from + lengthBytes));
  }

  async create(path: string): Promise<WritableFile> {
    this.beforeChange('create', path);
    if (this.#names.has(path)) throw systemError('EEXIST');
    const inode: Inode = { seen: Buffer.alloc(0), durable: Buffer.alloc(0), modifiedMs: this.#time++ };
    this.#change([{ name: path, inode }]);
    return this.#writable(path, inode);
  }

  async reopen(path: string): Promise<WritableFile> {
    const inode = this.#names.get(path);
    if (!inode) throw systemError('ENOENT');
    return this.#writable(path, inode);
  }

  async rename(from: string, to: string): Promise<boolean> {
    this.beforeChange('rename', from);
    const inode = this.#names.get(from);
    if (!inode) return false;
    this.#change([
      { name: from, inode: null },
      { name: to, inode },
    ]);
    return true;
  }

  async link(from: string, to: string) {
    this.beforeChange('link', to);
    const inode = this.#names.get(from);
    if (!inode) return 'missing' as const;
    if (this.#names.has(to)) return 'exists' as const;
    this.#change([{ name: to, inode }]);
    return 'linked' as const;
  }

  async remove(path: string): Promise<boolean> {
    this.beforeChange('remove', path);
    if (!this.#names.has(path)) return false;
    this.#change([{ name: path, inode: null }]);
    return true;
  }

  async touch(): Promise<void> {}

  async syncFolder(): Promise<void> {
    this.beforeChange('syncFolder', '');
    this.#durableNames = new Map(this.#names);
    this.#pending = [];
  }

  watch(): null {
    return null;
  }

  #change(changes: NameChange[]): void {
    for (const { name, inode } of changes) {
      if (inode) this.#names.set(name, inode);
      else this.#names.delete(name);
    }
    this.#pending.push(changes);
  }

  #writable(path: string, inode: Inode): WritableFile {
    return {
      write: async (bytes, position) => {
        this.beforeChange('write', path);
        const grown = Buffer.alloc(Math.max(inode.seen.length, position + bytes.length));
        inode.seen.copy(grown);
        grown.set(bytes, position);
        inode.seen = grown;
        inode.modifiedMs = this.#time++;
      },
      sync: async () => {
        this.beforeChange('sync', path);
        this.syncs++;
        inode.durable = inode.seen;
      },
      truncate: async (sizeBytes) => {
        this.beforeChange('truncate', path);
        inode.seen = inode.seen.subarray(0, sizeBytes);
        inode.durable = inode.durable.subarray(0, Math.min(inode.durable.length, sizeBytes));
      },
      close: async () => {},
    };
  }
}
