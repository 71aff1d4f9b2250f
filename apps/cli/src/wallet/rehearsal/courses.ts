// The course of each strategy: create, receive, lose, too early, recover, compare. What is not as it must be ends the rehearsal with an error.

import type { Strategy } from '../strategies.ts';
import type { Course } from './course-checks.ts';
import { emissionReturnCourse } from './emission-return-course.ts';
import { heartbeatCourse } from './heartbeat-course.ts';
import { socialCourse } from './social-course.ts';

export const courses: Readonly<Record<Strategy, Course>> = {
  heartbeat: heartbeatCourse,
  social: socialCourse,
  'emission-return': emissionReturnCourse,
};
