import { badInput, notSupported } from '../../errors.ts';
import { getField, isDocument } from '../values/fields.ts';
import { toNumber } from '../values/numbers.ts';
import { isNumeric } from '../values/types.ts';
import { leaf } from './condition.ts';
import type { FieldOperator } from './context.ts';

type Point = readonly [x: number, y: number];
type Region = (point: Point) => boolean;

function pair(values: readonly unknown[]): Point | undefined {
  const [x, y] = values;
  return isNumeric(x) && isNumeric(y) ? [toNumber(x), toNumber(y)] : undefined;
}

/** A stored point: [x, y], a document of two numbers, or a GeoJSON point; `undefined` for anything else. */
function storedPoint(value: unknown): Point | undefined {
  if (Array.isArray(value)) return value.length >= 2 ? pair(value) : undefined;
  if (!isDocument(value)) return undefined;
  const coordinates = getField(value, 'coordinates');
  if (typeof getField(value, 'type') !== 'string' || !Array.isArray(coordinates)) {
    return pair(Object.keys(value).map((name) => getField(value, name)));
  }
  const type = String(getField(value, 'type'));
  if (type !== 'Point') throw notSupported(`$geoWithin of a stored ${type}`, 'only points are compared');
  return pair(coordinates);
}

function corner(value: unknown, shape: string): Point {
  const list = isDocument(value) ? Object.keys(value).map((name) => getField(value, name)) : value;
  const point = Array.isArray(list) && list.length === 2 ? pair(list) : undefined;
  if (point === undefined) throw badInput(`${shape} needs points as [x, y].`);
  return point;
}

function circle(operand: unknown, shape: string): { readonly center: Point; readonly radius: number } {
  if (!Array.isArray(operand) || operand.length !== 2) throw badInput(`${shape} takes [[x, y], radius].`);
  const radius = isNumeric(operand[1]) ? toNumber(operand[1]) : Number.NaN;
  if (!(radius >= 0)) throw badInput(`The radius of ${shape} must be a non-negative number.`);
  return { center: corner(operand[0], shape), radius };
}

const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** The angle in radians between two points on a sphere (haversine formula); points are [longitude, latitude]. */
function angle([x1, y1]: Point, [x2, y2]: Point): number {
  const [a, b] = [Math.sin(radians(y2 - y1) / 2), Math.sin(radians(x2 - x1) / 2)];
  const h = a * a + Math.cos(radians(y1)) * Math.cos(radians(y2)) * b * b;
  return 2 * Math.asin(Math.min(1, Math.sqrt(h)));
}

const SHAPES: { readonly [name: string]: (operand: unknown, name: string) => Region } = {
  $box(operand, name) {
    if (!Array.isArray(operand) || operand.length !== 2) throw badInput('$box takes two corners.');
    const [[x1, y1], [x2, y2]] = [corner(operand[0], name), corner(operand[1], name)];
    const [left, right, low, high] = [Math.min(x1, x2), Math.max(x1, x2), Math.min(y1, y2), Math.max(y1, y2)];
    return ([x, y]) => x >= left && x <= right && y >= low && y <= high;
  },
  $center(operand, name) {
    const { center, radius } = circle(operand, name);
    return ([x, y]) => Math.hypot(x - center[0], y - center[1]) <= radius;
  },
  $centerSphere(operand, name) {
    const { center, radius } = circle(operand, name);
    return (point) => {
      const [longitude, latitude] = point;
      const valid = Math.abs(longitude) <= 180 && Math.abs(latitude) <= 90;
      return valid && angle(center, point) <= radius;
    };
  },
};

const $geoWithin: FieldOperator = (operand) => {
  const names = isDocument(operand) ? Object.keys(operand) : [];
  const [name] = names;
  if (!isDocument(operand) || names.length !== 1 || name === undefined) {
    throw badInput(`$geoWithin takes one of ${Object.keys(SHAPES).join(', ')}.`);
  }
  const shape = Object.hasOwn(SHAPES, name) ? SHAPES[name] : undefined;
  if (shape === undefined) {
    if (name === '$geometry' || name === '$polygon') {
      throw notSupported(
        `${name} of $geoWithin`,
        `use ${Object.keys(SHAPES).join(', ')}, or a MongoDB server`,
      );
    }
    throw badInput(`$geoWithin has no shape "${name}". It has ${Object.keys(SHAPES).join(', ')}.`);
  }
  const contains = shape(operand[name], name);
  return leaf((value) => {
    const point = storedPoint(value);
    return point !== undefined && contains(point);
  }, false);
};

/** Points within simple shapes. Other geospatial operators are refused by name. */
export const geo: { [name: string]: FieldOperator } = { $geoWithin };
