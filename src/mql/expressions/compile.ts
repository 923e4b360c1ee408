import { badInput, notSupported } from '../../errors.ts';
import { refusedOrUnknown } from '../names.ts';
import { DEFAULT_MAX_BYTES, type Document, type Limits, MAX_DEPTH } from '../types.ts';
import { BINARY, type Ordering } from '../values/collation.ts';
import { getField, isDocument, isReferenceField, setField } from '../values/fields.ts';
import { compileFieldPath } from '../values/paths.ts';
import { limitText } from '../values/strings.ts';
import { isConstant, isFoldable } from './constant.ts';
import { EXPRESSIONS, REFUSED_EXPRESSIONS } from './registry.ts';
import type { Cell, Expression, Scope } from './scope.ts';

const UNLIMITED: Limits = { tick() {}, maxBytes: DEFAULT_MAX_BYTES };

/** A scope to compile expressions in. `now` is the value of `$$NOW`. */
export function rootScope(options: {
  now: Date;
  limits?: Limits;
  ordering?: Ordering;
  variables?: ReadonlyMap<string, Cell>;
}): Scope {
  return {
    now: options.now,
    limits: options.limits ?? UNLIMITED,
    depth: 0,
    folds: true,
    ordering: options.ordering ?? BINARY,
    variables: options.variables ?? new Map(),
    compile: compileExpression,
  };
}

/**
 * Compiles an aggregation expression: a path "$a.b", a variable "$$v", an operator document, a document or
 * array of expressions, or a literal. A missing value is `undefined`.
 * @throws HydrogenError bad_input for invalid expressions, not_supported for unimplemented ones
 */
export function compileExpression(value: unknown, scope: Scope): Expression {
  if (scope.depth > MAX_DEPTH) throw badInput(`The expression is nested more than ${MAX_DEPTH} levels deep.`);
  if (typeof value === 'string')
    return value.startsWith('$') ? compileReference(value, scope) : literal(value);
  const inner = { ...scope, depth: scope.depth + 1 };
  if (Array.isArray(value)) return compileArray(value, inner);
  return isDocument(value) ? compileDocument(value, inner) : () => value;
}

function literal(text: string): Expression {
  limitText(text);
  return () => text;
}

function compileReference(reference: string, scope: Scope): Expression {
  const isVariable = reference.startsWith('$$');
  const parts = reference.slice(isVariable ? 2 : 1).split('.');
  checkPath(reference, parts);
  if (!isVariable) {
    const current = scope.variables.get('CURRENT');
    const path = compileFieldPath(parts);
    return current === undefined ? path : () => path(current.value);
  }
  const [name = '', ...rest] = parts;
  const base = compileVariable(name, scope);
  if (rest.length === 0) return base;
  const path = compileFieldPath(rest);
  return (doc) => path(base(doc));
}

function checkPath(reference: string, parts: readonly string[]): void {
  for (const part of parts) {
    if (part === '') throw badInput(`"${reference}" is not a valid field path: it has an empty component.`);
    if (part.includes('\0')) throw badInput('A field path cannot contain a null character.');
    if (part.startsWith('$') && !isReferenceField(part)) {
      throw badInput(
        `"${reference}" is not a valid field path: "${part}" starts with $. Use $getField for it.`,
      );
    }
  }
}

function compileVariable(name: string, scope: Scope): Expression {
  const cell = scope.variables.get(name);
  if (cell !== undefined) return () => cell.value;
  switch (name) {
    case 'ROOT':
    case 'CURRENT':
      return (doc) => doc;
    case 'REMOVE':
      return () => undefined;
    case 'NOW': {
      const { now } = scope;
      return () => now;
    }
    case 'CLUSTER_TIME':
    case 'USER_ROLES':
    case 'SEARCH_META':
    case 'JS_SCOPE':
      throw notSupported(`$$${name}`);
    default:
      throw badInput(`There is no variable $$${name}. Define it with $let, or write a path with one $.`);
  }
}

function compileArray(items: unknown[], scope: Scope): Expression {
  if (isConstant(items)) {
    const constant = items.map((item) => compileExpression(item, scope)({}) ?? null);
    return () => constant;
  }
  const compiled = items.map((item) => compileExpression(item, scope));
  return (doc) => compiled.map((item) => item(doc) ?? null);
}

function compileDocument(doc: Document, scope: Scope): Expression {
  const names = Object.keys(doc);
  const operator = names.find((name) => name.startsWith('$'));
  if (operator !== undefined) {
    if (names.length > 1) {
      throw badInput(
        `An expression has one operator; this one has several fields: ${names.join(', ')}. Nest them.`,
      );
    }
    return compileOperator(operator, getField(doc, operator), scope);
  }
  const fields = names.map((name) => {
    if (name === '') throw badInput('A field of an expression cannot have an empty name.');
    if (name.includes('.')) {
      throw badInput(`"${name}" cannot be a field of an expression: nest documents instead of using dots.`);
    }
    return [name, compileExpression(getField(doc, name), scope)] as const;
  });
  return (root) => {
    const result: Document = {};
    for (const [name, expression] of fields) {
      const value = expression(root);
      if (value !== undefined) setField(result, name, value);
    }
    return result;
  };
}

function compileOperator(name: string, argument: unknown, scope: Scope): Expression {
  const operator = Object.hasOwn(EXPRESSIONS, name) ? EXPRESSIONS[name] : undefined;
  if (operator !== undefined) {
    const expression = operator(argument, scope, name);
    if (!scope.folds || !isFoldable({ [name]: argument })) return expression;
    const value = expression({});
    return () => value;
  }
  throw refusedOrUnknown('expression operator', name, Object.keys(EXPRESSIONS), REFUSED_EXPRESSIONS);
}
