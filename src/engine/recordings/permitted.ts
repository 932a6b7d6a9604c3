import type { Recording, RecordingEntry } from '../../protocol/recording.ts';
import type { WorkspaceFolder } from '../../protocol/rpc.ts';
import type { IgnoreRules } from '../workspace/ignore.ts';
import { placeOf } from '../workspace/paths.ts';

export interface Permitted {
  readonly recording: Recording;
  /** Documents that were left out. */
  readonly excluded: number;
}

/**
 * What of a recording may be stored: nothing of documents that the rules exclude or that lie outside the workspace. Paths
 * become relative to their folder, after its name where there are several.
 */
export function permitted(
  { header, entries }: Recording,
  { folders, rules }: { readonly folders: readonly WorkspaceFolder[]; readonly rules: Pick<IgnoreRules, 'excluded'> },
): Permitted {
  const fileOf = (path: string): string | null => {
    if (path === '') return '';
    const place = rules.excluded(path) === null ? placeOf(folders, path) : null;
    if (place === null) return null;
    return folders.length > 1 ? `${place.folder.name}/${place.file}` : place.file;
  };
  const all = new Set<number>();
  const left = new Set<number>();
  for (const entry of entries) {
    if (entry.type !== 'opened') continue;
    all.add(entry.document);
    // Excluded once, left out from the beginning.
    if (fileOf(entry.file) === null) left.add(entry.document);
  }
  const known = (document: number): boolean => all.has(document) && !left.has(document);
  const episodes = new Set(
    entries.flatMap((entry) =>
      (entry.type === 'offered' || entry.type === 'kept') && !known(entry.document) ? [entry.episodeId] : [],
    ),
  );
  const keptOf = (entry: RecordingEntry, index: number): RecordingEntry[] => {
    switch (entry.type) {
      case 'opened':
        return known(entry.document) ? [{ ...entry, file: fileOf(entry.file) ?? '' }] : [];
      case 'changed':
      case 'moved':
      case 'closed':
      case 'offered':
      case 'kept':
        return known(entry.document) ? [entry] : [];
      case 'focused':
        // Which of the others has it makes no difference.
        return [entry.document !== null && known(entry.document) ? entry : { ...entry, document: null }];
      case 'renamed': {
        const [from, to] = [fileOf(entry.from), fileOf(entry.to)];
        return from === null || to === null ? [] : [{ ...entry, from, to }];
      }
      case 'unseen':
      case 'taken':
        return episodes.has(entry.episodeId) ? [] : [entry];
      case 'selected': {
        // It names no document: it stays where both neighbours are of the same one.
        const [before, after] = [documentNear(entries, index, -1), documentNear(entries, index, 1)];
        return entry.text === null || (before !== null && before === after && known(before)) ? [entry] : [];
      }
      case 'dismissed':
      case 'ended':
        return [entry];
    }
  };
  return { recording: { header, entries: entries.flatMap(keptOf) }, excluded: left.size };
}

/** Of the next entry in a direction that speaks of a document; null when there is none, or it speaks of no document. */
function documentNear(entries: readonly RecordingEntry[], index: number, step: 1 | -1): number | null {
  for (let at = index + step; at >= 0 && at < entries.length; at += step) {
    const entry = entries[at]!;
    if ('document' in entry) return entry.document;
  }
  return null;
}
