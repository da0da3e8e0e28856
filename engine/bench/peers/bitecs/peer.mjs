// bitECS, as a process that answers lines of JSON; engine/bench/worker.py says what they mean.

import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import {
  addComponent, addEntity, createWorld, query, removeComponent, removeEntity, resetWorld,
} from "bitecs";

const DT = 0.25;
const INVERSIONS = 100;
const TABLES = 26;
const TURNOVER = 0.02;

// Arrays are as long as the largest case needs; ids begin at 1 and are used again.
const room = (size) => size * 2 + 16;
const floats = (size) => new Float32Array(room(size));

function components(size, names) {
  const fields = {
    Position: ["x", "y"], Velocity: ["dx", "dy"],
    Position3: ["x", "y", "z"], Rotation3: ["rx", "ry", "rz"], Velocity3: ["dx", "dy", "dz"],
    A: ["a"], B: ["b"], C: ["c"], D: ["d"], E: ["e"], Data: ["data"],
    Transform: Array.from({ length: 16 }, (_, at) => `m${at}`),
    Matrix: Array.from({ length: 16 }, (_, at) => `m${at}`),
  };
  return names.map((name) => Object.fromEntries(fields[name].map((field) => [field, floats(size)])));
}

function numbers(world, terms) {
  const found = [];
  for (const e of query(world, terms)) {
    found.push(terms.flatMap((term) => Object.values(term).map((column) => column[e])));
  }
  return found;
}

function moving(size) {
  const world = createWorld();
  const [Position, Velocity] = components(size, ["Position", "Velocity"]);
  const mover = (number) => {
    const e = addEntity(world);
    addComponent(world, e, Position);
    addComponent(world, e, Velocity);
    Position.x[e] = number % 7; Position.y[e] = number % 5;
    Velocity.dx[e] = number % 3; Velocity.dy[e] = number % 2;
    return e;
  };
  const made = [];
  for (let number = 0; number < size; number++) made.push(mover(number));
  const terms = [Position, Velocity];
  const move = () => {
    const found = query(world, terms);
    const { x, y } = Position, { dx, dy } = Velocity;
    for (let at = 0; at < found.length; at++) {
      const e = found[at];
      x[e] += dx[e] * DT;
      y[e] += dy[e] * DT;
    }
  };
  return { world, Position, Velocity, mover, made, move, state: () => numbers(world, terms) };
}

function inverse(m) {
  // By cofactors of 2 x 2 blocks, as gl-matrix does.
  const [a, b, c, d, e, f, g, h, i, j, k, l, n, o, p, q] = m;
  const b00 = a * f - b * e, b01 = a * g - c * e, b02 = a * h - d * e, b03 = b * g - c * f;
  const b04 = b * h - d * f, b05 = c * h - d * g, b06 = i * o - j * n, b07 = i * p - k * n;
  const b08 = i * q - l * n, b09 = j * p - k * o, b10 = j * q - l * o, b11 = k * q - l * p;
  const r = 1 / (b00 * b11 - b01 * b10 + b02 * b09 + b03 * b08 - b04 * b07 + b05 * b06);
  m[0] = (f * b11 - g * b10 + h * b09) * r; m[1] = (c * b10 - b * b11 - d * b09) * r;
  m[2] = (o * b05 - p * b04 + q * b03) * r; m[3] = (k * b04 - j * b05 - l * b03) * r;
  m[4] = (g * b08 - e * b11 - h * b07) * r; m[5] = (a * b11 - c * b08 + d * b07) * r;
  m[6] = (p * b02 - n * b05 - q * b01) * r; m[7] = (i * b05 - k * b02 + l * b01) * r;
  m[8] = (e * b10 - f * b08 + h * b06) * r; m[9] = (b * b08 - a * b10 - d * b06) * r;
  m[10] = (n * b04 - o * b02 + q * b00) * r; m[11] = (j * b02 - i * b04 - l * b00) * r;
  m[12] = (f * b07 - e * b09 - g * b06) * r; m[13] = (a * b09 - b * b07 + c * b06) * r;
  m[14] = (o * b01 - n * b03 - p * b00) * r; m[15] = (i * b03 - j * b01 + k * b00) * r;
}

function negate(world, term, field) {
  const column = term[field];
  return () => { for (const e of query(world, [term])) column[e] *= -1; };
}

function swap(world, [one, first], [other, second]) {
  const a = one[first], b = other[second];
  return () => {
    for (const e of query(world, [one, other])) { const kept = a[e]; a[e] = b[e]; b[e] = kept; }
  };
}

const inTurn = (systems) => () => { for (const one of systems) one(); };

function spawner(world, terms) {
  return (values) => {
    const e = addEntity(world);
    terms.forEach((term, at) => {
      addComponent(world, e, term);
      Object.values(term).forEach((column, field) => { column[e] = values[at][field]; });
    });
    return e;
  };
}

function bodies(size) {
  const terms = components(size, ["Transform", "Position3", "Rotation3", "Velocity3"]);
  const [, Position3, , Velocity3] = terms;
  const fill = (world) => {
    const spawn = spawner(world, terms);
    for (let n = 0; n < size; n++) {
      const v = n % 10;
      spawn([new Array(16).fill(v), [n % 7, n % 5, v], [v, v, v], [n % 3, n % 2, 1]]);
    }
  };
  return { terms, Position3, Velocity3, fill };
}

function each(size, kept, one, shown) {
  let all = moving(size + kept);
  const [A] = components(size, ["A"]);
  const before = () => {
    // One world, used again: filling new arrays for every round would measure the collector.
    resetWorld(all.world);
    all.made.length = 0;
    for (let number = 0; number < size + kept; number++) all.made.push(all.mover(number));
  };
  return {
    before,
    step: () => { for (let at = kept; at < all.made.length; at++) one(all.world, all.made[at], { ...all, A }); },
    state: () => numbers(all.world, shown({ ...all, A })),
  };
}

function replacing(size, replaced) {
  const all = moving(size);
  let at = 0;
  const replace = () => {
    for (let number = 0; number < replaced; number++) {
      removeEntity(all.world, all.made[at]);
      all.made[at] = all.mover(number);
      at = (at + 1) % size;
    }
  };
  return { step: inTurn([all.move, replace]), state: all.state };
}

const CASES = {
  movement(size) { const all = moving(size); return { step: all.move, state: all.state }; },
  memory(size) { return CASES.movement(size); },
  simple_insert(size) {
    const { terms, fill } = bodies(size);
    let world;
    return { step: () => { world = createWorld(); fill(world); }, state: () => numbers(world, terms) };
  },
  simple_iter(size) {
    const { Position3, Velocity3, fill } = bodies(size);
    const world = createWorld();
    fill(world);
    const { x, y, z } = Position3, { dx, dy, dz } = Velocity3;
    const step = () => {
      for (const e of query(world, [Position3, Velocity3])) { x[e] += dx[e]; y[e] += dy[e]; z[e] += dz[e]; }
    };
    return { step, state: () => numbers(world, [Position3]) };
  },
  packed_5(size) {
    const world = createWorld();
    const terms = components(size, ["A", "B", "C", "D", "E"]);
    const spawn = spawner(world, terms);
    for (let n = 0; n < size; n++) spawn(terms.map(() => [n % 10]));
    return {
      step: inTurn(terms.map((term, at) => negate(world, term, "abcde"[at]))), state: () => numbers(world, terms),
    };
  },
  frag_iter(size) {
    const world = createWorld();
    const [Data] = components(size * TABLES, ["Data"]);
    const kinds = Array.from({ length: TABLES }, () => ({ k: floats(size * TABLES) }));
    for (let n = 0; n < size; n++) for (const kind of kinds) spawner(world, [kind, Data])([[1], [n % 10]]);
    return { step: negate(world, Data, "data"), state: () => numbers(world, [Data]) };
  },
  heavy_compute(size) {
    const world = createWorld();
    const terms = components(size, ["Matrix", "Position3"]);
    const [Matrix, Position3] = terms;
    const spawn = spawner(world, terms);
    const cyclic = [0, 1, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 1];
    for (let n = 0; n < size; n++) spawn([cyclic, [n % 7, n % 5, 1]]);
    const columns = Object.values(Matrix);
    const m = new Float64Array(16);
    const step = () => {
      const { x, y, z } = Position3;
      for (const e of query(world, terms)) {
        for (let at = 0; at < 16; at++) m[at] = columns[at][e];
        for (let round = 0; round < INVERSIONS; round++) inverse(m);
        for (let at = 0; at < 16; at++) columns[at][e] = m[at];
        const px = x[e], py = y[e], pz = z[e];
        x[e] = m[0] * px + m[1] * py + m[2] * pz + m[3];
        y[e] = m[4] * px + m[5] * py + m[6] * pz + m[7];
        z[e] = m[8] * px + m[9] * py + m[10] * pz + m[11];
      }
    };
    return { step, state: () => numbers(world, [Position3]) };
  },
  schedule(size) {
    const world = createWorld();
    const terms = components(size * 4, ["A", "B", "C", "D", "E"]);
    const [A, B, C, D, E] = terms;
    for (const kinds of [[A, B], [A, B, C], [A, B, C, D], [A, B, C, E]]) {
      const spawn = spawner(world, kinds);
      for (let n = 0; n < size; n++) spawn(kinds.map((_, at) => [n % 10 + at]));
    }
    const a = [A, "a"], b = [B, "b"], c = [C, "c"], d = [D, "d"], e = [E, "e"];
    return { step: inTurn([swap(world, a, b), swap(world, c, d), swap(world, c, e)]),
      state: () => numbers(world, [A, B]) };
  },
  entity_cycle(size) {
    const world = createWorld();
    const [A, B] = components(size, ["A", "B"]);
    const spawn = spawner(world, [A]);
    for (let n = 0; n < size; n++) spawn([[n]]);
    const beget = () => {
      for (const e of query(world, [A])) { const born = addEntity(world); addComponent(world, born, B); B.b[born] = A.a[e]; }
    };
    const reap = () => { for (const e of Array.from(query(world, [B]))) removeEntity(world, e); };
    return { step: inTurn([beget, reap]), state: () => numbers(world, [A]) };
  },
  add_remove(size) {
    const world = createWorld();
    const [A, B] = components(size, ["A", "B"]);
    const spawn = spawner(world, [A]);
    const made = [];
    for (let n = 0; n < size; n++) made.push(spawn([[n]]));
    const add = () => { for (const e of made) { addComponent(world, e, B); B.b[e] = 1; } };
    const take = () => { for (const e of made) removeComponent(world, e, B); };
    return { step: inTurn([add, take]), state: () => numbers(world, [A]) };
  },
  single_spawn(size) {
    const world = createWorld();
    const terms = components(size, ["Position", "Velocity"]);
    const [Position, Velocity] = terms;
    const step = () => {
      for (let n = 0; n < size; n++) {
        const e = addEntity(world);
        addComponent(world, e, Position);
        addComponent(world, e, Velocity);
        Position.x[e] = 1; Position.y[e] = 2; Velocity.dx[e] = 3; Velocity.dy[e] = 4;
      }
    };
    return { before: () => resetWorld(world), step, state: () => numbers(world, terms) };
  },
  single_despawn(size) { return each(size, 1, (world, e) => removeEntity(world, e), (all) => [all.Position]); },
  single_insert(size) {
    return each(size, 0, (world, e, { A }) => { addComponent(world, e, A); A.a[e] = 1; }, (all) => [all.Position, all.A]);
  },
  single_remove(size) {
    return each(size, 0, (world, e, all) => removeComponent(world, e, all.Velocity), (all) => [all.Position]);
  },
  single_access(size) {
    const all = moving(size);
    return { step: () => { const { x } = all.Position; for (const e of all.made) x[e] += 1; },
      state: () => numbers(all.world, [all.Position]) };
  },
  churn(size) { return replacing(size, Math.max(1, Math.trunc(size * TURNOVER))); },
  replace_one(size) { return replacing(size, 1); },
};

// Processor time, as for the other peers, in seconds; waiting for a busy machine is no work.
const clock = () => {
  const { user, system } = process.threadCpuUsage?.() ?? process.cpuUsage();
  return (user + system) / 1e6;
};

// resident memory, in bytes
const resident = () => { globalThis.gc?.(); return process.memoryUsage().rss; };

let work = null;

const ANSWERS = {
  hello: () => ({ version: JSON.parse(readFileSync(new URL("package.json", import.meta.resolve("bitecs")
    .replace(/dist\/.*$/, "")))).version }),
  open({ case: name, size }) {
    work = name in CASES ? CASES[name](size) : null;
    return { able: work !== null };
  },
  run({ times }) {
    let total = 0;
    if (!work.before) {
      const begin = clock();
      for (let n = 0; n < times; n++) work.step();
      return { seconds: clock() - begin };
    }
    for (let n = 0; n < times; n++) {
      work.before();
      const begin = clock();
      work.step();
      total += clock() - begin;
    }
    return { seconds: total };
  },
  state: () => ({ rows: work.state() }),
  memory({ case: name, size }) {
    const before = resident();
    work = CASES[name](size);
    return { bytes: resident() - before };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line);
  let answer;
  try {
    answer = ANSWERS[asked.do](asked);
  } catch (error) {
    answer = { error: String(error) };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
}
