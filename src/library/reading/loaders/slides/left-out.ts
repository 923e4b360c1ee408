/** What of the slides is not in the text. */
export interface SlidesLeftOut {
  pictures: number;
  /** Objects of other programs, by what they are; '' where it is not said. */
  readonly objects: string[];
  media: number;
  slides: number;
  /** Charts, diagrams and other parts that are referred to and are not there. */
  parts: number;
}

export const nothingLeftOut = (): SlidesLeftOut => ({
  ...{ pictures: 0, objects: [], media: 0, slides: 0, parts: 0 },
});

/** Names that a remark tells. */
const maxNames = 5;

const amount = (count: number, one: string, many: string, names: readonly string[] = []): string[] => {
  if (count === 0) return [];
  const rest = names.length > maxNames ? `, and ${names.length - maxNames} more` : '';
  const which = names.length === 0 ? '' : ` (${names.slice(0, maxNames).join(', ')}${rest})`;
  return [`${count === 1 ? `1 ${one}` : `${count} ${many}`}${which}`];
};

export const remarksOnSlides = ({ pictures, objects, media, slides, parts }: SlidesLeftOut): string[] => [
  ...amount(
    pictures,
    'picture without a description is not read',
    'pictures without a description are not read',
  ),
  ...amount(objects.length, 'embedded object is not read', 'embedded objects are not read', [
    ...new Set(objects.filter((name) => name !== '')),
  ]),
  ...amount(media, 'sound or video is not read', 'sounds and videos are not read'),
  ...amount(slides, 'slide is missing in the file', 'slides are missing in the file'),
  ...amount(
    parts,
    'part that a slide refers to is missing in the file',
    'parts that slides refer to are missing in the file',
  ),
];
