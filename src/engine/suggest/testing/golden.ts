/** For tests: tables of what a filter makes of an answer. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Filter } from '../filters/filter.ts';
import { marked } from './marked.ts';

export interface Golden {
  /** What a user would lose. */
  readonly name: string;
  /** The document, `▮` at the cursor. */
  readonly at: string;
  readonly languageId?: string;
  readonly indentUnit?: string;
  readonly answer: string;
  /** Null: dropped. */
  readonly kept: string | null;
}

export function golden(filter: Filter, cases: readonly Golden[]): void {
  for (const { name, at, languageId, indentUnit, answer, kept } of cases) {
    test(name, () => assert.equal(filter(answer, marked(at, languageId, indentUnit)), kept));
  }
}
