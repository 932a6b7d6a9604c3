import * as v from 'valibot';
import { InlineMode, ModelSource } from '../../protocol/config.ts';
import { Id } from '../../protocol/episode.ts';
import { TrainLayer } from '../../protocol/training.ts';

/** Arguments that scripts and tests may give to commands in place of a dialog. Menus pass other things: ignored. */
const Model = v.object({ source: ModelSource, id: v.string() });
const ModelForUse = v.object({ ...Model.entries, use: v.picklist(['inline', 'edit', 'both']) });
const ModeForLanguage = v.object({
  languageId: v.optional(v.pipe(v.string(), v.minLength(1))),
  mode: v.optional(v.nullable(InlineMode)),
});
const Training = v.object({
  layers: v.optional(v.pipe(v.array(TrainLayer), v.minLength(1))),
  dryRun: v.optional(v.boolean()),
  resume: v.optional(v.boolean()),
  /** In place of the question at the end. */
  activate: v.optional(v.boolean()),
});
export type TrainArguments = v.InferOutput<typeof Training>;
const Confirmed = v.object({ confirmed: v.literal(true) });

function parsed<T extends v.GenericSchema>(schema: T, given: unknown): v.InferOutput<T> | undefined {
  const result = v.safeParse(schema, given);
  return result.success ? result.output : undefined;
}

export const modelArgument = (given: unknown): v.InferOutput<typeof Model> | undefined => parsed(Model, given);
export const modelForUseArgument = (given: unknown): v.InferOutput<typeof ModelForUse> | undefined =>
  parsed(ModelForUse, given);
/** Of a menu's context nothing is a language or a mode: it counts as none given. */
export const modeArgument = (given: unknown): v.InferOutput<typeof ModeForLanguage> | undefined =>
  parsed(ModeForLanguage, given);
/** Of a menu's context nothing is about training: it counts as none given. */
export const trainArgument = (given: unknown): TrainArguments | undefined => parsed(Training, given);
export const layerArgument = (given: unknown): TrainLayer | undefined => parsed(TrainLayer, given);
export const nameArgument = (given: unknown): string | undefined => parsed(v.pipe(v.string(), v.minLength(1)), given);
export const episodeArgument = (given: unknown): string | undefined => parsed(Id, given);
/** `{confirmed: true}` takes the place of the modal question. */
export const isConfirmed = (given: unknown): boolean => parsed(Confirmed, given) !== undefined;
