/** What survives hiding and reloading the view: the selection, what is folded open, and the curves of a training under way. */
import * as v from 'valibot';
import { Id } from '../../src/protocol/episode.ts';
import { TrainLayer } from '../../src/protocol/training.ts';
import { downsample } from './charts/downsample.ts';
import { initialState, type ViewState } from './state.ts';

const Persisted = v.object({
  selected: v.nullable(Id),
  other: v.nullable(Id),
  layers: v.array(TrainLayer),
  toggled: v.array(v.string()),
  curves: v.object({
    requestId: v.nullable(v.string()),
    points: v.array(v.tuple([v.string(), v.array(v.tuple([v.number(), v.nullable(v.number())]))])),
  }),
});
export type Persisted = v.InferOutput<typeof Persisted>;

/** Of a curve, so many columns are kept. */
const keptColumns = 200;

/** A plain value for `setState`. */
export function persisted({ selected, other, layers, toggled, curves }: ViewState): Persisted {
  return {
    selected,
    other,
    layers: [...layers],
    toggled: [...toggled],
    curves: {
      requestId: curves.requestId,
      points: [...curves.points].map(([tag, points]) => [
        tag,
        downsample(points, keptColumns).map(([x, y]): [number, number | null] => [x, y]),
      ]),
    },
  };
}

/** The state to begin with; anything that is not what `persisted` wrote (an older version) begins afresh. */
export function restored(value: unknown): ViewState {
  const parsed = v.safeParse(Persisted, value);
  if (!parsed.success) return initialState;
  const { selected, other, layers, toggled, curves } = parsed.output;
  return {
    ...initialState,
    selected,
    other,
    layers: new Set(layers),
    toggled: new Set(toggled),
    curves: { requestId: curves.requestId, points: new Map(curves.points) },
  };
}
