// Map symbols drawn on a canvas, so that no sprite has to be fetched: a shape and a letter for each state, fresh to last known.

import { STATES, type ResourceState, type Shape } from '../live/status';
import type { Freshness } from '../live/staleness';
import { ICON_INK, INCIDENT_COLOUR, STALE_GREY, STATE_COLOURS, type Theme } from './palette';

/** Device pixels a map pixel: icons stay sharp on dense screens and when enlarged. */
export const ICON_DENSITY = 3;

export interface MapIcon {
  name: string;
  image: ImageData;
}

const FRESHNESS: Freshness[] = ['fresh', 'stale', 'old', 'lost'];
const FONT = '"Atkinson", "Atkinson Hyperlegible Next", system-ui, sans-serif';

export const resourceIcon = (state: ResourceState, freshness: Freshness): string => `resource-${state}-${freshness}`;

function corners(count: number, radius: number, turn: number, inner = 1): [number, number][] {
  const points = inner === 1 ? count : count * 2;
  return Array.from({ length: points }, (_, i) => {
    const angle = (i / points) * 2 * Math.PI - Math.PI / 2 + turn;
    const r = i % 2 === 1 ? radius * inner : radius;
    return [r * Math.cos(angle), r * Math.sin(angle)];
  });
}

function polygon(points: [number, number][]): Path2D {
  const path = new Path2D();
  points.forEach(([x, y], i) => (i === 0 ? path.moveTo(x, y) : path.lineTo(x, y)));
  path.closePath();
  return path;
}

function outline(shape: Shape, r: number): Path2D {
  switch (shape) {
    case 'circle': {
      const path = new Path2D();
      path.arc(0, 0, r, 0, 2 * Math.PI);
      return path;
    }
    case 'triangle':
      return polygon(corners(3, r * 1.28, 0).map(([x, y]) => [x, y + r * 0.16]));
    case 'square':
      return polygon(corners(4, r * 1.25, Math.PI / 4));
    case 'diamond':
      return polygon(corners(4, r * 1.22, 0));
    case 'hexagon':
      return polygon(corners(6, r * 1.06, Math.PI / 6));
    case 'star':
      return polygon(corners(8, r * 1.3, 0, 0.74));
  }
}

function draw(size: number, paint: (pen: CanvasRenderingContext2D) => void): ImageData {
  const pixels = size * ICON_DENSITY;
  const canvas = document.createElement('canvas');
  canvas.width = pixels;
  canvas.height = pixels;
  const pen = canvas.getContext('2d', { willReadFrequently: true }) as CanvasRenderingContext2D;
  pen.scale(ICON_DENSITY, ICON_DENSITY);
  pen.translate(size / 2, size / 2);
  pen.lineJoin = 'round';
  pen.lineCap = 'round';
  pen.textAlign = 'center';
  pen.textBaseline = 'middle';
  paint(pen);
  return pen.getImageData(0, 0, pixels, pixels);
}

function letter(pen: CanvasRenderingContext2D, what: string, size: number, colour: string, down = 0): void {
  pen.font = `700 ${size}px ${FONT}`;
  pen.fillStyle = colour;
  pen.fillText(what, 0, down + size * 0.04);
}

function lastKnown(pen: CanvasRenderingContext2D, colour: string, background: string): void {
  const cross = new Path2D('M-6 -6 6 6M6 -6 -6 6');
  pen.strokeStyle = background;
  pen.lineWidth = 6;
  pen.stroke(cross);
  pen.strokeStyle = colour;
  pen.lineWidth = 2.6;
  pen.stroke(cross);
}

export function drawResource(state: ResourceState, freshness: Freshness, theme: Theme): ImageData {
  const { shape, letter: mark } = STATES[state];
  const urgent = state === 'emergency';
  const background = theme === 'dark' ? '#12181f' : '#ffffff';
  const grey = theme === 'dark' ? STALE_GREY : '#66717c';
  const own = theme === 'dark' ? STATE_COLOURS[state] : darkened(STATE_COLOURS[state]);
  return draw(urgent ? 40 : 28, (pen) => {
    if (freshness === 'lost' && !urgent) return lastKnown(pen, grey, background);
    const path = outline(shape, urgent ? 12 : 8.4);
    const hollow = freshness !== 'fresh';
    const colour = freshness === 'old' && !urgent ? grey : own;
    if (urgent) ring(pen, 17.5, own, background);
    pen.strokeStyle = hollow ? background : ICON_INK;
    pen.lineWidth = hollow ? 5 : 3;
    pen.stroke(path);
    pen.fillStyle = hollow ? background : STATE_COLOURS[state];
    pen.fill(path);
    if (hollow) {
      pen.strokeStyle = colour;
      pen.lineWidth = 2.2;
      pen.stroke(path);
    }
    letter(pen, mark, urgent ? 15 : 10.5, hollow ? colour : ICON_INK, shape === 'triangle' ? 2.2 : 0);
  });
}

function ring(pen: CanvasRenderingContext2D, radius: number, colour: string, background: string): void {
  for (const [stroke, width] of [[background, 4.5], [colour, 2.2]] as const) {
    pen.beginPath();
    pen.arc(0, 0, radius, 0, 2 * Math.PI);
    pen.strokeStyle = stroke;
    pen.lineWidth = width;
    pen.stroke();
  }
}

/** A colour strong enough as a line on the light map. */
function darkened(colour: string): string {
  const channel = (at: number): number => Math.round(Number.parseInt(colour.slice(at, at + 2), 16) * 0.52);
  return `rgb(${channel(1)}, ${channel(3)}, ${channel(5)})`;
}

/** An incident is a tag on a stem, unlike any resource; the highest grade is filled. */
export function drawIncident(grade: string, urgent: boolean, theme: Theme): ImageData {
  return draw(40, (pen) => {
    const tag = new Path2D('M-9 -17H9A2.5 2.5 0 0 1 11.5 -14.5V0A2.5 2.5 0 0 1 9 2.5H4L0 9 -4 2.5H-9A2.5 2.5 0 0 1 -11.5 0V-14.5A2.5 2.5 0 0 1 -9 -17Z');
    const line = theme === 'dark' ? INCIDENT_COLOUR : '#9c2f74';
    pen.strokeStyle = theme === 'dark' ? ICON_INK : '#ffffff';
    pen.lineWidth = 4.5;
    pen.stroke(tag);
    pen.fillStyle = urgent ? INCIDENT_COLOUR : theme === 'dark' ? '#1d1520' : '#fff';
    pen.fill(tag);
    pen.strokeStyle = line;
    pen.lineWidth = 1.8;
    pen.stroke(tag);
    letter(pen, grade.slice(0, 2) || '•', 13, urgent ? ICON_INK : line, -7);
  });
}

export function drawHeading(theme: Theme): ImageData {
  return draw(40, (pen) => {
    const wedge = new Path2D('M0 -18 6.2 -7 H-6.2Z');
    pen.strokeStyle = theme === 'dark' ? ICON_INK : '#ffffff';
    pen.lineWidth = 2;
    pen.stroke(wedge);
    pen.fillStyle = theme === 'dark' ? '#d7e0e8' : '#2a343e';
    pen.fill(wedge);
  });
}

export function allIcons(theme: Theme): MapIcon[] {
  const states = Object.keys(STATES) as ResourceState[];
  const resources = states.flatMap((state) =>
    FRESHNESS.map((fresh) => ({ name: resourceIcon(state, fresh), image: drawResource(state, fresh, theme) })));
  return [...resources, { name: 'heading', image: drawHeading(theme) }];
}
