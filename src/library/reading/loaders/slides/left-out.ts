import { leftOutRemark, pictureRemark } from '../left-out.ts';

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

export const remarksOnSlides = ({ pictures, objects, media, slides, parts }: SlidesLeftOut): string[] => [
  ...pictureRemark(pictures),
  ...leftOutRemark(objects.length, 'embedded object is not read', 'embedded objects are not read', [
    ...new Set(objects.filter((name) => name !== '')),
  ]),
  ...leftOutRemark(media, 'sound or video is not read', 'sounds and videos are not read'),
  ...leftOutRemark(slides, 'slide is missing in the file', 'slides are missing in the file'),
  ...leftOutRemark(
    parts,
    'part that a slide refers to is missing in the file',
    'parts that slides refer to are missing in the file',
  ),
];
