// A study without its patient (PS3.15 Annex E).
import { Type } from 'typebox';
import { defineRoute } from './route.ts';
import { closed, oneOf, Text, Uid } from './schemas.ts';

export const deidentified = {
  study: defineRoute({
    method: 'GET',
    path: '/api/v1/studies/:study/deidentified',
    needs: 'export',
    tag: 'deidentified',
    summary: 'A study without its patient; dicomnet-left-out says how many objects are not in it.',
    params: closed({ study: Uid }),
    query: closed({
      profile: Type.Intersect([Text(200)], {
        description:
          'basic, then options: dates or full-dates, uids, characteristics, device, institution, descriptors, structured, graphics, safe-private, inspected.',
      }),
      blank: Type.Optional(
        Type.String({
          maxLength: 2000,
          pattern: '^\\d{1,6}(,\\d{1,6}){3}(;\\d{1,6}(,\\d{1,6}){3})*$',
          description: 'Rectangles x,y,width,height, joined by semicolons, of images in which text may be burned in.',
        }),
      ),
      suspected: Type.Optional(
        oneOf(['refuse', 'leave-out'], {
          description: 'What becomes of documents, and of images in which text may be burned in; refuse if absent.',
        }),
      ),
    }),
    answer: { types: ['multipart/related'], about: 'Instances' },
  }),
};
