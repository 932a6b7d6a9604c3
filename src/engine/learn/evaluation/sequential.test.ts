import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { seeded } from '../../../tensor/random.ts';
import { evidenceAgainst, logGamma, relativeLift, verdictOf, verdictText } from './sequential.ts';

const near = (actual: number, expected: number, tolerance: number) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual}, not ${expected}`);

describe('evidence against a rate', () => {
  it('is that of a bet on all rates alike', () => {
    near(logGamma(5), Math.log(24), 1e-12);
    near(logGamma(0.5), Math.log(Math.sqrt(Math.PI)), 1e-12);
    // One accepted: the mixture gives ½.
    near(evidenceAgainst({ accepted: 1, decisions: 1 }, 0.25), Math.log(0.5 / 0.25), 1e-12);
    near(evidenceAgainst({ accepted: 0, decisions: 0 }, 0.3), 0, 1e-12);
    assert.equal(evidenceAgainst({ accepted: 1, decisions: 2 }, 0), Number.POSITIVE_INFINITY);
  });
});

describe('intervals of the lift', () => {
  it('hold the truth at all of many looks, in at least 95 % of all runs', () => {
    const random = seeded(4);
    const rates = { treated: 0.45, control: 0.35 };
    const truth = rates.treated / rates.control - 1;
    const runs = 200;
    let missed = 0;
    for (let run = 0; run < runs; run += 1) {
      const arms = { treated: { accepted: 0, decisions: 0 }, control: { accepted: 0, decisions: 0 } };
      let out = false;
      for (let step = 1; step <= 600; step += 1) {
        const name = random() < 0.2 ? 'control' : 'treated';
        arms[name].decisions += 1;
        arms[name].accepted += random() < rates[name] ? 1 : 0;
        if (step % 100 === 0) {
          const { low, high } = relativeLift(arms.treated, arms.control);
          out ||= truth < low || truth > high;
        }
      }
      missed += out ? 1 : 0;
    }
    assert.ok(missed / runs <= 0.05, `${missed} of ${runs} missed it`);
  });

  it('seldom claim a difference where there is none, looked at after every decision', () => {
    const random = seeded(8);
    let claims = 0;
    for (let run = 0; run < 400; run += 1) {
      const arms: readonly [{ accepted: number; decisions: number }, { accepted: number; decisions: number }] = [
        { accepted: 0, decisions: 0 },
        { accepted: 0, decisions: 0 },
      ];
      let refuted = false;
      for (let step = 0; step < 500; step += 1) {
        const arm = arms[random() < 0.1 ? 1 : 0];
        arm.decisions += 1;
        arm.accepted += random() < 0.4 ? 1 : 0;
        refuted ||= evidenceAgainst(arms[0], 0.4) + evidenceAgainst(arms[1], 0.4) > Math.log(20);
      }
      claims += refuted ? 1 : 0;
    }
    assert.ok(claims <= 20, `${claims} of 400`);
  });

  it('are about what is seen, and narrow with more of it', () => {
    const few = relativeLift({ accepted: 60, decisions: 100 }, { accepted: 30, decisions: 100 });
    const many = relativeLift({ accepted: 600, decisions: 1000 }, { accepted: 300, decisions: 1000 });
    assert.ok(few.low < many.low && many.low < 1 && 1 < many.high && many.high < few.high);
    assert.deepEqual(relativeLift({ accepted: 0, decisions: 0 }, { accepted: 0, decisions: 0 }).low, -1);
  });
});

describe('the sentence', () => {
  it('says that it helps, that it harms, or what is missing', () => {
    const helps = verdictOf({ accepted: 1200, decisions: 2000 }, { accepted: 480, decisions: 1000 });
    assert.match(verdictText(helps), /^helps: \d+ % to \d+ % more accepted$/);
    const harms = verdictOf({ accepted: 300, decisions: 1000 }, { accepted: 500, decisions: 1000 });
    assert.match(verdictText(harms), /^harms: \d+ % to \d+ % fewer accepted$/);
    assert.equal(verdictText({ kind: 'helps', low: 0.09, high: 0.31 }), 'helps: 9 % to 31 % more accepted');
    assert.equal(verdictText({ kind: 'notYet', more: 133, low: 0, high: 1 }), 'not enough yet: about 140 more');
    assert.match(
      verdictText(verdictOf({ accepted: 0, decisions: 0 }, { accepted: 0, decisions: 0 })),
      /^not enough yet/,
    );
  });

  it('is right about how many more it takes, if both arms go on as they are', () => {
    const [treated, control] = [
      { accepted: 100, decisions: 200 },
      { accepted: 35, decisions: 100 },
    ];
    const verdict = verdictOf(treated, control);
    assert.ok(verdict.kind === 'notYet' && verdict.more !== null, verdict.kind);
    const kindAfter = (more: number) => {
      const factor = 1 + more / 300;
      const scale = (arm: typeof treated) => ({ accepted: arm.accepted * factor, decisions: arm.decisions * factor });
      return verdictOf(scale(treated), scale(control)).kind;
    };
    assert.equal(kindAfter(verdict.more + 2), 'helps');
    assert.equal(kindAfter(verdict.more * 0.95), 'notYet');
  });
});
