/**
 * The box of a frame, for what stands in its place: written as a style sheet, since that is what no policy forbids and
 * what the page's own styles do not reach.
 */

/** What says where a box is and how large. */
const KEPT = [
  ...['top', 'right', 'bottom', 'left'].flatMap((side) => [side, 'margin-' + side, 'padding-' + side, `border-${side}-width`]),
  ...['width', 'height'].flatMap((size) => [size, 'min-' + size, 'max-' + size]),
  ...['top-left', 'top-right', 'bottom-left', 'bottom-right'].map((corner) => `border-${corner}-radius`),
  ...['start', 'end'].flatMap((end) => ['grid-row-' + end, 'grid-column-' + end]),
  ...['position', 'float', 'clear', 'vertical-align', 'box-sizing', 'aspect-ratio', 'z-index', 'order'],
  ...['flex-grow', 'flex-shrink', 'flex-basis', 'align-self', 'justify-self'],
];

/** What a frame is wide and high that is told nothing. https://www.w3.org/TR/CSS2/visudet.html#inline-replaced-width */
const WIDTH = '300px';
const HEIGHT = '150px';

/** @param {[string, string][]} declarations */
const rule = (declarations) => `:host{${declarations.map(([name, value]) => `${name}:${value}!important`).join(';')}}`;

/**
 * @param {CSSStyleDeclaration} told  computed style of the frame while it is not displayed
 * @param {string} display  while it is
 * @param {string} transform  while it is
 */
export function box(told, display, transform) {
  const of = /** @type {Object<string, string>} */ ({ transform, display: /^inline|^contents/.test(display) ? 'inline-block' : 'block' });
  for (const name of KEPT) of[name] = told.getPropertyValue(name);
  const shaped = /\d/.test(of['aspect-ratio']);
  if (of.width === 'auto' && (!shaped || of.height === 'auto')) of.width = WIDTH;
  if (of.height === 'auto' && !shaped) of.height = HEIGHT;
  if (of.position === 'static') Object.assign(of, { position: 'relative', top: 'auto', right: 'auto', bottom: 'auto', left: 'auto' });
  return rule(Object.entries(of).filter(([, value]) => value));
}

/**
 * A box of a size that was measured, where the rules of frames come to another one than those of other elements.
 * @param {number} width
 * @param {number} height
 */
export const measured = (width, height) =>
  rule([
    ['box-sizing', 'border-box'],
    ['flex', 'none'],
    ...['', 'min-', 'max-'].flatMap((limit) => [
      /** @type {[string, string]} */ ([limit + 'width', width + 'px']),
      /** @type {[string, string]} */ ([limit + 'height', height + 'px']),
    ]),
  ]);
