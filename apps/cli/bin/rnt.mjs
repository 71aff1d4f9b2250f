#!/usr/bin/env node
// `rnt`: starts the command line under the pinned Node, whichever Node the shell finds first.
import { launch } from '../../../bootstrap/launch.mjs';

launch(new URL('../src/main.ts', import.meta.url), 'Run `npm start` (or `npm run build`) once in the project folder.');
