import type { Reason } from '../src/protocol/episode.ts';
import type { PanelStrings } from '../src/protocol/webview.ts';

/**
 * Every word of the panel, in English. The host translates the values (`vscode.l10n.t`) and puts them into the page;
 * what it leaves out stays English. `{0}`, `{1}` stand for values.
 */
export const english = {
  panel: 'Suggestions and ratings',
  loading: 'Loading suggestions…',

  search: 'Search suggestions',
  clearSearch: 'Clear search',
  filter: 'Show',
  'filter.all': 'All',
  'filter.unrated': 'Unrated',
  'filter.good': 'Good',
  'filter.bad': 'Bad',
  'filter.accepted': 'Accepted',
  'filter.rejected': 'Rejected',
  'filter.forbidden': 'Never used',
  informative: 'First Those Whose Rating Would Teach Most',
  teaches: 'A rating of this would teach most',
  export: 'Export Memory…',
  keys: 'Keyboard Shortcuts',
  size: '{0} of {1}',
  sizeEpisodes: '{0} suggestions',
  sizeOne: '1 suggestion',
  sizeTitle: 'Memory of this workspace: {0} of {1}, {2} suggestions. Show details',
  shown: 'Showing {0} of {1}',

  emptyTitle: 'No suggestions yet',
  emptyText: 'Suggestions you are offered while typing, and edits you ask for, are listed here to be rated.',
  emptyAction: 'Propose an Edit',
  emptyModel: 'Choose a Model',
  nothingFound: 'No suggestion matches.',
  showAll: 'Show All',

  restart: 'Restart',
  showLog: 'Show Log',
  manageTrust: 'Manage Trust',

  'kind.inline': 'Inline',
  'kind.edit': 'Edit',
  'kind.nextEdit': 'Next edit',
  workspaceModel: 'workspace model',
  untitled: 'Untitled',
  instruction: 'Asked for: {0}',
  candidates: '{0} of {1}',
  candidatesTitle: 'Proposal {0} of {1}',

  'outcome.silent': 'Not offered',
  'outcome.offered': 'Offered',
  'outcome.shown': 'Shown',
  'outcome.read': 'Read',
  'outcome.accepted': 'Accepted',
  'outcome.partlyAccepted': 'Partly accepted',
  'outcome.rejected': 'Rejected',
  'outcome.ignored': 'Ignored',
  'outcome.reverted': 'Undone',
  'outcome.retained': 'Kept',
  'outcome.share': 'Kept {0}',
  'why.escape': 'dismissed',
  'why.moved': 'moved on',
  'why.superseded': 'replaced by another',
  'why.typedPast': 'typed on',
  'why.timedOut': 'not taken in time',
  'why.blurred': 'left the editor',

  now: 'now',
  minutes: '{0} min',
  hours: '{0} h',
  days: '{0} d',

  proposal: 'Proposal',
  addedLine: 'added',
  removedLine: 'removed',
  unchanged: '{0} unchanged lines',
  unchangedOne: '1 unchanged line',
  noText: 'Nothing changes.',
  moreLines: '{0} more',
  showAllLines: 'Show all {0} lines',
  showFewer: 'Show fewer',

  rating: 'Your rating',
  unrated: 'not rated',
  ratedGood: 'rated good',
  ratedBad: 'rated bad',
  ratedScore: 'rated {0} of 10',
  otherRatings: '{0} by others',
  good: 'Good',
  bad: 'Bad',
  score: 'Score',
  scoreValue: '{0} of 10',
  scoreUnset: 'Not set',
  reasons: "What's wrong with it",
  'reason.wrongPlace': 'Wrong place',
  'reason.wrongStyle': 'Wrong style',
  'reason.brokenCode': 'Broken code',
  'reason.repeats': 'Repeats',
  'reason.inventedNames': 'Invented names',
  'reason.tooMuch': 'Too much',
  'reason.tooLittle': 'Too little',
  'reason.undidMyChange': 'Undid my change',
  comment: 'Comment',
  wanted: 'What I wanted instead',
  wantedHint: 'The code that should stand there',
  useCurrent: 'Use What the File Holds Now',
  restoreMine: 'Restore My Text',
  nothingAtAll: 'Nothing at All',
  notFound: "This place can't be found in the file any more.",
  save: 'Save',
  withdraw: 'Withdraw Rating',

  saving: 'Saving…',
  saved: 'Saved',
  unsaved: 'Not saved yet',
  notSaved: 'Not saved.',
  announceSaved: 'Saved: {0}.',
  announceWithdrawn: 'Rating withdrawn.',
  announceNever: 'Never used as an example again.',
  announceAllowed: 'May be used as an example again.',
  announceDeleted: 'Deleted.',
  announceNoUnrated: 'Nothing left to rate.',
  announceFilled: 'Filled in from the file.',

  open: 'Open File',
  trace: 'How It Came About',
  never: 'Never Use This Again',
  allow: 'Allow Again',
  forbidden: 'Never used as an example',
  delete: 'Delete',
  confirmDelete: 'Delete this suggestion and its rating?',
  cancel: 'Cancel',

  why: 'Why this?',
  whyCount: '{0} examples',
  whyOne: '1 example',
  whyNone: 'No example was used for this suggestion.',
  whyLoading: 'Looking up the examples…',
  whyGone: 'The examples are not in memory any more.',
  similarity: '{0} % similar',

  'keys.move': 'Next, previous suggestion',
  'keys.ends': 'First, last suggestion',
  'keys.score': 'Rate 1 to 10; the same again takes it back',
  'keys.good': 'Good',
  'keys.bad': 'Bad',
  'keys.form': 'Go to the rating form',
  'keys.leave': 'Back to the suggestion',
  'keys.save': 'Save reasons, comment and wanted code',
  'keys.next': 'Next unrated suggestion',
  'keys.why': 'Why this?',
  'keys.trace': 'How it came about',
  'keys.open': 'Open the file',
  'keys.delete': 'Delete',
  'keys.search': 'Search',
  'keys.help': 'Show or hide this help',
  close: 'Close',
} as const satisfies PanelStrings;

export type StringKey = keyof typeof english;

/** Looks a string up and puts values in. */
export type Translate = (key: StringKey, ...values: readonly (string | number)[]) => string;

/** English where `translated` has nothing. */
export function translator(translated: PanelStrings): Translate {
  return (key, ...values) =>
    (translated[key] || english[key]).replace(/\{(\d)\}/g, (whole, index: string) =>
      String(values[Number(index)] ?? whole),
    );
}

/** A chip's text. */
export const reasonKey = (reason: Reason): StringKey => `reason.${reason}`;
