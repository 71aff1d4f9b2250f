import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { CodeTrust } from '../code-trust.ts';
import { KernelError } from '../kernel-error.ts';
import { loadKernels } from './load-module.ts';
import { ThreadPool, type ThreadPoolOptions } from './thread-pool.ts';

let module: WebAssembly.Module;
before(async () => {
  module = await loadKernels('fixture');
});

async function withPool(
  options: Omit<ThreadPoolOptions, 'module'>,
  use: (pool: ThreadPool) => void | Promise<void>,
): Promise<void> {
  const pool = await ThreadPool.create({ module, ...options });
  try {
    await use(pool);
  } finally {
    await pool.close();
  }
}

function withArgs(pool: ThreadPool, ...args: number[]): number {
  const address = pool.allocate(4 * args.length);
  pool.i32(address, args.length).set(args);
  return address;
}

describe('ThreadPool', () => {
  for (const threads of [1, 2, 3, 4]) {
    it(`runs an op on ${threads} threads, each item once, job after job`, async () => {
      await withPool({ threads }, (pool) => {
        const count = 1001;
        const address = pool.allocate(4 * count);
        pool.i32(address, count).fill(7);
        const args = withArgs(pool, address, count);
        for (let job = 0; job < 200; job++) pool.run('increment', args);
        assert.deepEqual(new Set(pool.i32(address, count)), new Set([207]));
      });
    });

    it(`keeps ${threads} threads in step at barriers`, async () => {
      await withPool({ threads }, (pool) => {
        const address = pool.allocate(4 * threads);
        pool.run('rounds', withArgs(pool, address, 2000));
        assert.deepEqual(
          [...pool.i32(address, threads)],
          Array.from({ length: threads }, () => 2000),
        );
      });
    });
  }

  it('runs the plain code where asked, and for everything once trust is lost', async () => {
    const trust = new CodeTrust();
    const plain = { module: await loadKernels('exact', { code: 'plain' }), trust };
    await withPool({ threads: 3, plain }, (pool) => {
      const args = withArgs(pool, pool.allocate(64), 3);
      // Only the fixture has the one op, only the other module has the other.
      pool.run('increment', args);
      pool.runAlone('increment', args);
      assert.throws(() => pool.run('probe', args), RangeError);
      assert.throws(() => pool.run('increment', args, 'plain'), RangeError);
      const probe = withArgs(pool, 0, ...[1, 2, 3, 4].map(() => pool.allocate(64)), 4);
      pool.run('probe', probe, 'plain');
      pool.runAlone('probe', probe, 'plain');
      trust.lose();
      assert.throws(() => pool.run('increment', args), RangeError);
      assert.throws(() => pool.runAlone('increment', args), RangeError);
      pool.run('probe', probe);
    });
  });

  it('works when every wait sleeps at once', async () => {
    await withPool({ threads: 3, spinLimit: 0 }, (pool) => {
      const address = pool.allocate(12);
      const args = withArgs(pool, address, 50);
      for (let job = 0; job < 20; job++) pool.run('rounds', args);
      assert.deepEqual([...pool.i32(address, 3)], [50, 50, 50]);
    });
  });

  it('wakes workers that have fallen asleep between jobs', async () => {
    await withPool({ threads: 2 }, async (pool) => {
      const address = pool.allocate(8);
      pool.i32(address, 2).fill(0);
      const args = withArgs(pool, address, 2);
      for (let job = 0; job < 3; job++) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        pool.run('increment', args);
      }
      assert.deepEqual([...pool.i32(address, 2)], [3, 3]);
    });
  });

  it('runs an op alone on the calling thread, all items at once, and reports its trap', async () => {
    await withPool({ threads: 2 }, (pool) => {
      const address = pool.allocate(40);
      pool.i32(address, 10).fill(0);
      pool.runAlone('increment', withArgs(pool, address, 10));
      assert.deepEqual(new Set(pool.i32(address, 10)), new Set([1]));
      assert.throws(() => pool.runAlone('trap', withArgs(pool, 0)), { code: 'WORKER_FAILED' });
    });
  });

  it('lets all threads use memory that was grown after they started', async () => {
    await withPool({ threads: 2 }, (pool) => {
      const count = 3_000_000;
      const address = pool.allocate(4 * count);
      pool.run('increment', withArgs(pool, address, count));
      assert.ok(pool.i32(address, count).every((value) => value === 1));
      assert.equal(pool.u8().length, pool.memory.buffer.byteLength);
    });
  });

  it('hands out aligned blocks that do not overlap, and takes them back', async () => {
    await withPool({ threads: 1 }, (pool) => {
      const mark = pool.mark();
      const first = pool.allocate(1);
      const second = pool.allocate(65);
      assert.deepEqual([first % 64, second - first, pool.allocate(4) - second], [0, 64, 128]);
      pool.release(mark);
      assert.equal(pool.allocate(4), first);
    });
  });

  it('says that memory is exhausted, and stays usable', async () => {
    await withPool({ threads: 1, maximumPages: 2 }, (pool) => {
      assert.throws(() => pool.allocate(65537), { code: 'OUT_OF_MEMORY' });
      pool.allocate(60000);
      pool.run('nothing', 0);
    });
  });

  for (const thread of [0, 1, 2]) {
    it(`reports a trap of thread ${thread} while the others wait at a barrier, and refuses further work`, async () => {
      await withPool({ threads: 3 }, (pool) => {
        const args = withArgs(pool, thread);
        assert.throws(
          () => pool.run('trap', args),
          (error) =>
            error instanceof KernelError &&
            error.code === 'WORKER_FAILED' &&
            error.message.includes(`thread ${thread} failed`),
        );
        assert.throws(() => pool.run('nothing', 0), { code: 'POOL_CLOSED' });
      });
    });
  }

  it('reports a thread that died without a word instead of waiting for ever', async () => {
    await withPool({ threads: 2, stallSeconds: 1 }, (pool) => {
      assert.throws(() => pool.run('hang', withArgs(pool, 1)), { code: 'WORKER_FAILED' });
    });
  });

  it('refuses an op that the module does not export, no threads, and work after close', async () => {
    await assert.rejects(ThreadPool.create({ module, threads: 0 }), RangeError);
    const pool = await ThreadPool.create({ module, threads: 2 });
    assert.throws(() => pool.run('no such op', 0), RangeError);
    await pool.close();
    await pool.close();
    assert.throws(() => pool.run('nothing', 0), { code: 'POOL_CLOSED' });
  });

  it('leaves no handle behind after close', async () => {
    const pool = await ThreadPool.create({ module, threads: 4 });
    pool.run('nothing', 0);
    await pool.close();
    const left = process.getActiveResourcesInfo().filter((kind) => /Worker|MessagePort/.test(kind));
    assert.deepEqual(left, []);
  });
});
