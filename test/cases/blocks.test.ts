// Every invalid block of the catalogue: refused with its code, without a trace, and its twin accepted; and what takes several blocks.

import { testCases, testStories } from './case.ts';
import { plain } from './case-networks.ts';
import { blockStories } from './block-stories.ts';
import { invalidBlocks } from './invalid-blocks.ts';

testCases(plain, invalidBlocks);
testStories(blockStories);
