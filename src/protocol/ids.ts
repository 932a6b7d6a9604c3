/** Every id shared between the manifest, the client and the tests. `src/protocol/ids.test.ts` holds package.json to it. */

export const commands = {
  proposeEdit: 'attune.proposeEdit',
  refineEdit: 'attune.refineEdit',
  acceptEdit: 'attune.acceptEdit',
  rejectEdit: 'attune.rejectEdit',
  rejectEditBecause: 'attune.rejectEditBecause',
  nextEdit: 'attune.nextEdit',
  previousEdit: 'attune.previousEdit',
  rateLastGood: 'attune.rateLastGood',
  rateLastBad: 'attune.rateLastBad',
  showMenu: 'attune.showMenu',
  toggleInline: 'attune.toggleInline',
  toggleInlineForLanguage: 'attune.toggleInlineForLanguage',
  selectMode: 'attune.selectMode',
  selectModel: 'attune.selectModel',
  setApiKey: 'attune.setApiKey',
  testModel: 'attune.testModel',
  pullModel: 'attune.pullModel',
  downloadEmbedder: 'attune.downloadEmbedder',
  checkTraining: 'attune.checkTraining',
  train: 'attune.train',
  openTraining: 'attune.openTraining',
  rollBack: 'attune.rollBack',
  exportTrainingData: 'attune.exportTrainingData',
  importRatings: 'attune.importRatings',
  rebuildWorkspaceModel: 'attune.rebuildWorkspaceModel',
  openRatings: 'attune.openRatings',
  exportMemory: 'attune.exportMemory',
  importMemory: 'attune.importMemory',
  resetMemory: 'attune.resetMemory',
  recordSession: 'attune.recordSession',
  showMemoryStats: 'attune.showMemoryStats',
  showTrace: 'attune.showTrace',
  showLog: 'attune.showLog',
  restartEngine: 'attune.restartEngine',
  openWalkthrough: 'attune.openWalkthrough',
  /** Run by VS Code after an inline suggestion was inserted; takes arguments, hidden from the palette. */
  inlineAccepted: 'attune.inlineAccepted',
  /** Escape on our ghost text: a rejection, and hides it. Key only. */
  rejectInline: 'attune.rejectInline',
  /** Tab on a place for the same change: takes it, or goes there. Key only. */
  acceptNextEdit: 'attune.acceptNextEdit',
  rejectNextEdit: 'attune.rejectNextEdit',
  acceptAllNextEdits: 'attune.acceptAllNextEdits',
} as const;
export type CommandId = (typeof commands)[keyof typeof commands];

/** `training`: type of a panel in the editor area. */
export const views = { container: 'attune', ratings: 'attune.ratings', training: 'attune.training' } as const;

export const contextKeys = {
  /** A requested edit is being shown: its keys are live. */
  editActive: 'attune.editActive',
  /** The shown edit has more than one candidate. */
  editHasAlternatives: 'attune.editHasAlternatives',
  /** Ghost text of ours was offered and has not ended: Escape is live. */
  inlineOffered: 'attune.inlineOffered',
  /** A place for the change just made is drawn, or hinted at: Escape is live. */
  nextEditVisible: 'attune.nextEditVisible',
  /** And Tab takes it, or goes there: not while typing, nor in indentation. */
  nextEditTakesTab: 'attune.nextEditTakesTab',
  /** The engine answers. */
  engineReady: 'attune.engineReady',
} as const;

/** Setting keys without the `attune.` section. */
export const settings = {
  inlineEnabled: 'inline.enabled',
  inlineModel: 'inline.model',
  inlineMode: 'inline.mode',
  nextEditEnabled: 'nextEdit.enabled',
  editModel: 'edit.model',
  candidates: 'candidates',
  inlineCandidates: 'inline.candidates',
  controlShare: 'learning.controlShare',
  trainAfterRatings: 'learning.trainAfterRatings',
  openaiBaseUrl: 'openai.baseUrl',
  openaiModel: 'openai.model',
  openaiCompletions: 'openai.completionsEndpoint',
  ollamaBaseUrl: 'ollama.baseUrl',
  ollamaModel: 'ollama.model',
  vscodeModel: 'vscode.model',
  fimTemplate: 'fimTemplate',
  contextTokens: 'context.tokens',
  examples: 'memory.examples',
  embedder: 'memory.embedder',
  semanticModel: 'memory.semanticModel',
  maxMegabytes: 'memory.maxMegabytes',
  maxEpisodes: 'memory.maxEpisodes',
  workspaceModelMegabytes: 'workspaceModel.maxMegabytes',
  exclude: 'exclude',
} as const;

/** SecretStorage keys. Keys never stand in settings. */
export const secrets = { openaiApiKey: 'attune.openai.apiKey' } as const;

export const walkthroughId = 'attune.start';
