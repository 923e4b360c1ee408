import { bareExpression, enclosedExpression } from '../expressions/expression.ts';
import { type Definition, entryOf, kindOf, type Task, type TaskList } from './dsl.ts';
import { pointerPart } from './problem.ts';

/** An expression of a definition, its location and the loop variables it may read. */
export interface PlacedExpression {
  readonly place: string;
  readonly source: string;
  readonly variables: readonly string[];
}

/** A string that contains `${` but is not entirely an expression: plain text to the DSL, but rarely meant so. */
interface PartialExpression {
  readonly place: string;
  readonly partial: string;
}

export type FoundExpression = PlacedExpression | PartialExpression;

type Locals = readonly string[];

function* inTemplate(value: unknown, place: string, locals: Locals): Generator<FoundExpression> {
  if (typeof value === 'string') {
    const source = enclosedExpression(value);
    if (source !== undefined) yield { place, source, variables: locals };
    else if (value.includes('${')) yield { place, partial: value };
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      yield* inTemplate(item, `${place}/${pointerPart(key)}`, locals);
    }
  }
}

function* bare(value: unknown, place: string, locals: Locals): Generator<FoundExpression> {
  if (typeof value === 'string') yield { place, source: bareExpression(value), variables: locals };
  else yield* inTemplate(value, place, locals);
}

function* inTask(task: Task, place: string, locals: Locals): Generator<FoundExpression> {
  yield* bare(task.if, `${place}/if`, locals);
  yield* bare(task.input?.from, `${place}/input/from`, locals);
  const kind = kindOf(task);
  if (kind === 'set') yield* inTemplate(task.set, `${place}/set`, locals);
  if (kind === 'call') yield* inTemplate(task.with, `${place}/with`, locals);
  if (kind === 'do') yield* inList(task.do ?? [], `${place}/do`, locals);
  for (const [index, item] of (task.switch ?? []).entries()) {
    for (const [name, { when }] of Object.entries(item)) {
      yield* bare(when, `${place}/switch/${index}/${pointerPart(name)}/when`, locals);
    }
  }
  if (task.for) {
    yield* bare(task.for.in, `${place}/for/in`, locals);
    const inner = [...locals, task.for.each ?? 'item', task.for.at ?? 'index'];
    yield* bare(task.while, `${place}/while`, inner);
    yield* inList(task.do ?? [], `${place}/do`, inner);
  }
  yield* bare(task.output?.as, `${place}/output/as`, locals);
  yield* bare(task.export?.as, `${place}/export/as`, locals);
}

function* inList(list: TaskList, place: string, locals: Locals): Generator<FoundExpression> {
  for (const [index, item] of list.entries()) {
    const [name, task] = entryOf(item);
    yield* inTask(task, `${place}/${index}/${pointerPart(name)}`, locals);
  }
}

/** Every expression of a valid definition, in order. */
export function* expressionsOf(definition: Definition): Generator<FoundExpression> {
  yield* bare(definition.input?.from, '/input/from', []);
  yield* inList(definition.do, '/do', []);
  yield* bare(definition.output?.as, '/output/as', []);
}
