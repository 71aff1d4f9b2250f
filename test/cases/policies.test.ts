// Recovery policies and the rotation of the D_val on a chain, by stories of several blocks.

import { testStories } from './case.ts';
import { recoveryStories } from './recovery-stories.ts';
import { rotationStories } from './rotation-stories.ts';

testStories(recoveryStories);
testStories(rotationStories);
