import { linePrefix, restOfLine, squash } from '../place.ts';
import type { Filter } from './filter.ts';

/** Drops an answer that puts back exactly what the developer took out a moment ago. */
export const undoesRecentEdit: Filter = (text, place) => {
  const rest = restOfLine(place);
  const current = linePrefix(place) + rest;
  const undoes = (place.recentEdits ?? []).some(({ before, after }) => {
    const was = squash(before);
    const lines = after.split('\n');
    return lines.some((line, at) => {
      if (line !== current) return false;
      const start = squash(lines.slice(0, at).join('\n') + linePrefix(place));
      const end = squash(rest + lines.slice(at + 1).join('\n'));
      const put = squash(text);
      // All of it, or its beginning.
      return (
        put.length > 0 &&
        was.length >= start.length + put.length + end.length &&
        was.startsWith(start + put) &&
        was.endsWith(end)
      );
    });
  });
  return undoes ? null : text;
};
