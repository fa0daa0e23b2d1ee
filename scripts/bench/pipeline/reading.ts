import type { Contender } from './contender.ts';
import { openEnds } from './ends.ts';

/** The limit of every contender on this MongoDB: the monolith's cursor, its documents decoded and dropped. */
export const reading: Contender = (course) => {
  const { db } = openEnds(course);
  return Promise.resolve({
    async run() {
      const cursor = db
        .collection('contacts')
        .find({ company_id: course.company })
        .sort({ created_at: -1, _id: -1 });
      let rows = 0;
      while ((await cursor.next()) !== null) rows += 1;
      return { rows, bytes: 0 };
    },
  });
};
