import { after, describe, it } from 'node:test';
import { assertClose, compute, computeOne } from '../testing/compute.ts';
import { startKit } from '../testing/kit.ts';
import type { Plain } from '../testing/reference.ts';
import { dropout, gelu, geluTanh, silu, swiglu } from './activation.ts';

const kit = startKit();
after(() => kit.close());

const vector = (...values: readonly number[]): Plain => ({ shape: [values.length], values });
const sigma = (x: number): number => 1 / (1 + Math.exp(-x));

describe('activations', () => {
  const x = [-2.5, -1, -0.3, 0, 0.5, 1, 2];

  // Values of PyTorch's torch.nn.functional.gelu at −1 and 1, in float64.
  it('GELU weights x by the normal distribution', async () => {
    for (const [float, tolerance] of [
      ['float64', 1e-12],
      ['float32', 1e-6],
    ] as const) {
      const options = { float };
      assertClose(
        await computeOne(kit, [vector(-1, 0, 1)], gelu, options),
        vector(-0.15865525393145707, 0, 0.8413447460685429),
        tolerance,
      );
      const tanhs = x.map((x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))));
      assertClose(await computeOne(kit, [vector(...x)], geluTanh, options), vector(...tanhs), tolerance);
    }
  });

  it('SiLU is x · σ(x), and SwiGLU is that times a second input', async () => {
    for (const [float, tolerance] of [
      ['float64', 1e-12],
      ['float32', 1e-6],
    ] as const) {
      const { one, two } = await compute(
        kit,
        [vector(...x), vector(...x.toReversed())],
        ([a, b]) => ({ one: silu(a!), two: swiglu(a!, b!) }),
        { float },
      );
      assertClose(one, vector(...x.map((x) => x * sigma(x))), tolerance);
      assertClose(two, vector(...x.map((a, i) => a * sigma(a) * x.toReversed()[i]!)), tolerance);
    }
  });
});

describe('dropout', () => {
  it('zeroes what has noise below the rate, and keeps the mean by raising the rest', async () => {
    const y = await computeOne(kit, [vector(1, 2, 3, 4), vector(0, 0.25, 0.24, 0.9)], (x, noise) =>
      dropout(x, noise, 0.25),
    );
    assertClose(y, vector(0, 2 / 0.75, 0, 4 / 0.75));
  });

  it('at rate 0 changes nothing', async () => {
    assertClose(await computeOne(kit, [vector(1, 2), vector(0, 0)], (x, noise) => dropout(x, noise, 0)), vector(1, 2));
  });
});
