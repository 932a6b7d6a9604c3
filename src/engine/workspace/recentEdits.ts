import type { DocumentChange } from '../../protocol/rpc.ts';

/** What the user changed at one place lately, as whole lines. */
export interface RecentEdit {
  readonly file: string;
  readonly languageId: string;
  /** The lines as they were. */
  readonly before: string;
  /** The lines as they are. */
  readonly after: string;
  readonly at: number;
}

/** A stretch of the present text that stands where `before` stood. */
export interface Region {
  readonly start: number;
  readonly end: number;
  readonly before: string;
  readonly at: number;
}

/** Larger replacements are pastes, formatting or reverts: not what somebody typed. */
const largestEdit = 4000;
/** Places this near are one. */
const nearCharacters = 80;
const mostRegions = 30;

/** The edits of one document since it was opened, in coordinates of its present text. */
export interface EditRegions {
  /** One change, before it is applied to `text`. */
  record(text: string, change: DocumentChange, at: number): void;
  /** In coordinates of the present text. */
  regions(): readonly Region[];
  /** A region as whole lines, before and after; null: its lines are too long, or are as they were. */
  lines(text: string, region: Region): { readonly before: string; readonly after: string } | null;
}

/** Tracks edits, merging those that touch or stand near each other. */
export function editRegions(): EditRegions {
  let regions: Region[] = [];
  return {
    record(text, change, at) {
      const changeEnd = change.offset + change.length;
      const delta = change.text.length - change.length;
      let start = change.offset;
      let end = changeEnd;
      const merged: Region[] = [];
      const others: Region[] = [];
      for (const region of regions) {
        if (near(text, region, change.offset, changeEnd)) {
          merged.push(region);
          start = Math.min(start, region.start);
          end = Math.max(end, region.end);
        } else others.push(region);
      }
      let before = '';
      let from = start;
      for (const region of merged.sort((a, b) => a.start - b.start)) {
        before += text.slice(from, region.start) + region.before;
        from = region.end;
      }
      before += text.slice(from, end);
      regions = others.map((r) => (r.start >= changeEnd ? { ...r, start: r.start + delta, end: r.end + delta } : r));
      const after = end + delta - start;
      if (before.length <= largestEdit && after <= largestEdit) regions.push({ start, end: end + delta, before, at });
      regions.sort((a, b) => b.at - a.at);
      regions.length = Math.min(regions.length, mostRegions);
    },
    regions: () => regions,
    lines(text, region) {
      const lineStart = text.lastIndexOf('\n', region.start - 1) + 1;
      const newline = text.indexOf('\n', region.end);
      const lineEnd = newline < 0 ? text.length : newline;
      if (region.start - lineStart > 1000 || lineEnd - region.end > 1000) return null;
      const before = text.slice(lineStart, region.start) + region.before + text.slice(region.end, lineEnd);
      const after = text.slice(lineStart, lineEnd);
      return before === after ? null : { before, after };
    },
  };
}

/** Touching, or within a line and a few characters. */
function near(text: string, region: Region, start: number, end: number): boolean {
  if (start <= region.end && region.start <= end) return true;
  const [from, to] = end < region.start ? [end, region.start] : [region.end, start];
  if (to - from > nearCharacters) return false;
  const newline = text.indexOf('\n', from);
  return newline < 0 || newline >= to || text.indexOf('\n', newline + 1) < 0 || text.indexOf('\n', newline + 1) >= to;
}
