import type { Contender } from './contender.ts';
import { openEnds } from './ends.ts';
import { cursorOver } from './monolith.ts';

/** What reading costs on this MongoDB: the monolith's cursor, its documents decoded and dropped. */
export const reading: Contender = (course) => {
  const { db } = openEnds(course);
  return Promise.resolve({
    async run() {
      const cursor = cursorOver(db, course.company);
      let rows = 0;
      while ((await cursor.next()) !== null) rows += 1;
      return { rows, bytes: 0 };
    },
  });
};
