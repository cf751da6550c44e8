#!/usr/bin/env python3
"""Breaks one chosen line at a time in a copy of the tree, and runs the tests that should see it.

  run.py SRCDIR TREE [--turns N] [--only TEXT] [--seconds S] [--check]

SRCDIR/tests/mutants/rows.txt has the lines. TREE is a folder for the copy and its build; it is made, may stay for the next time, and
may be removed. --turns N tries N rows, others each day; --only those whose name or file holds TEXT; --seconds S begins no row after S
seconds; --check looks only whether each row's text is still there, once.
Exit: 0 every row was seen by a test, 1 some survived, 2 the rows or the tests do not do.
Environment: CC, CXX for configure; MUTANTS_TURN, a number instead of the day's."""
import os, re, shutil, signal, subprocess, sys, time

TEST_SECONDS = 300  # a mutant may run for ever: that is seen, too


def die(text):
    print('mutants: ' + text, file=sys.stderr)
    sys.exit(2)


class Row:
    def __init__(self, name, line):
        self.name, self.line = name, line
        self.file = self.old = self.new = None
        self.tests = []


def read_rows(path):
    rows = []
    with open(path) as f:
        for number, text in enumerate(f, 1):
            text = text.rstrip('\n')
            if not text.strip() or text.startswith('#'):
                continue
            word, _, rest = text.partition(' ')
            if word == 'mutant':
                rows.append(Row(rest.strip(), number))
            elif not rows:
                die(f'{path}:{number}: a row begins with "mutant NAME"')
            elif word == 'in':
                rows[-1].file = rest.strip()
            elif word == '-':
                rows[-1].old = rest
            elif word == '+' or text == '+':
                rows[-1].new = rest
            elif word == 'by':
                rows[-1].tests += rest.split()
            else:
                die(f'{path}:{number}: expected mutant, in, -, + or by, got "{word}"')
    return rows


def check_rows(rows, srcdir, path):
    bad, names = 0, set()
    for r in rows:
        why = None
        if r.name in names:
            why = 'there are two of this name'
        elif not r.file or not r.old or r.new is None or not r.tests:
            why = 'it needs in, -, + and by'
        elif not os.path.isfile(os.path.join(srcdir, r.file)):
            why = f'{r.file} is not there: say where the line went'
        else:
            with open(os.path.join(srcdir, r.file)) as f:
                count = f.read().count(r.old)
            if count != 1:
                why = f'its text is {count} times in {r.file}, and must be there once: choose it anew'
        for t in r.tests:
            t = t.partition(':')[0]
            source = t if t.endswith('.sh') else t + '.c'
            if not why and not os.path.isfile(os.path.join(srcdir, source)):
                why = f'there is no test {t}'
        names.add(r.name)
        if why:
            print(f'{path}:{r.line}: {r.name}: {why}', file=sys.stderr)
            bad += 1
    return bad == 0


# ---- the copy

MADE = ('configure', 'Makefile.in', 'aclocal.m4')


def files_of(srcdir):
    try:
        out = subprocess.run(['git', 'ls-files', '-co', '--exclude-standard', '-z'], cwd=srcdir, capture_output=True, check=True).stdout
        names = [n for n in out.decode().split('\0') if n] if os.path.exists(os.path.join(srcdir, '.git')) else None
    except (OSError, subprocess.CalledProcessError):
        names = None
    if names is None:
        names = []
        for folder, folders, files in os.walk(srcdir):
            rel = os.path.relpath(folder, srcdir)
            folders[:] = [d for d in folders if not (rel == '.' and d.startswith(('build', 'check-', 'mutants.', '.git', 'autom4te')) and d != 'build-aux')]
            names += [os.path.normpath(os.path.join(rel, n)) for n in files]
    aux = os.path.join(srcdir, 'build-aux')
    names += [n for n in MADE] + (['build-aux/' + n for n in os.listdir(aux)] if os.path.isdir(aux) else [])
    return sorted({n for n in names if os.path.isfile(os.path.join(srcdir, n))})


def same(a, b):
    try:
        if os.path.getsize(a) != os.path.getsize(b):
            return False
        with open(a, 'rb') as x, open(b, 'rb') as y:
            return x.read() == y.read()
    except OSError:
        return False


def copy_tree(srcdir, to):
    names = files_of(srcdir)
    for n in names:
        a, b = os.path.join(srcdir, n), os.path.join(to, n)
        if same(a, b):
            continue
        os.makedirs(os.path.dirname(b), exist_ok=True)
        shutil.copy2(a, b)
        if n not in MADE and not n.startswith('build-aux/') and n != 'Makefile.am' and n != 'configure.ac' and n != 'sources.am':
            os.utime(b)  # newer than what was made of the file before
    known = set(names)
    for folder, folders, files in os.walk(to):
        rel = os.path.relpath(folder, to)
        if rel == '.':
            folders[:] = [d for d in folders if d not in ('build', 'autom4te.cache')]
        for f in files:
            if os.path.normpath(os.path.join(rel, f)) not in known and folder.startswith(os.path.join(to, 'src')):
                os.remove(os.path.join(folder, f))


class Tree:
    def __init__(self, folder):
        self.src = os.path.join(folder, 'tree')
        self.build = os.path.join(self.src, 'build')
        self.log = os.path.join(folder, 'log')

    def run(self, argv, seconds=None, env=None, cwd=None):
        """True, False, or None: it did not end in time."""
        with open(self.log, 'wb') as log:
            p = subprocess.Popen(argv, cwd=cwd or self.build, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
            try:
                return p.wait(seconds) == 0
            except subprocess.TimeoutExpired:
                return None
            finally:
                try:
                    os.killpg(p.pid, signal.SIGKILL)  # what it started and left
                except ProcessLookupError:
                    pass
                p.wait()

    def tail(self):
        with open(self.log, errors='replace') as f:
            return ''.join(f.readlines()[-15:])

    def configure(self):
        os.makedirs(self.build, exist_ok=True)
        if os.path.exists(os.path.join(self.build, 'Makefile')):
            return
        if not os.path.exists(os.path.join(self.src, 'configure')) and not self.run(['autoreconf', '-fi'], cwd=self.src):
            die('autoreconf failed:\n' + self.tail())
        given = [f'{v}={os.environ[v]}' for v in ('CC', 'CXX') if os.environ.get(v)]
        if not self.run(['../configure', '-q', 'CFLAGS=-O1 -g', 'CXXFLAGS=-O1 -g'] + given):
            die('configure failed:\n' + self.tail())

    def make(self, targets):
        jobs = f'-j{os.cpu_count() or 1}'
        # The libraries first: one make that makes them and links programs with them would do it twice at a time.
        first = self.run(['make', '-s', jobs, 'all'] if 'all' in targets else ['make', '-s', jobs, 'gen/report/report_css.h', 'gen/report/report_schema.h',
                         'gen/cluster/kubernetes_json.h', 'libbase.a', 'libcel.a', 'libkubevouch.a', 'libtestkube.a', 'data'])
        rest = [t for t in targets if t != 'all']
        return first and (not rest or self.run(['make', '-s', jobs] + rest))

    def targets(self, test):
        if not test.endswith('.sh'):
            return [test.partition(':')[0]]
        with open(os.path.join(self.src, test)) as f:
            return ['all'] + (['tests/kube/fakeapi'] if 'fakeapi' in f.read() else [])

    def passes(self, test):
        env = dict(os.environ, srcdir=self.src, builddir=self.build, FUZZ_PROGRAMS='')
        env.setdefault('CK_DEFAULT_TIMEOUT', '60')
        env.setdefault('CC', 'cc')
        test, _, case = test.partition(':')
        if case:
            env['CK_RUN_CASE'] = case
        argv = ['sh', os.path.join(self.src, test)] if test.endswith('.sh') else [os.path.join(self.build, test)]
        return self.run(argv, TEST_SECONDS, env)


def targets_of(tree, tests):
    all_targets = []
    for t in tests:
        all_targets += [x for x in tree.targets(t) if x not in all_targets]
    return all_targets


def expect_whole(tree, tests):
    """That tests fail for a broken line says something only if they pass for the whole tree."""
    if tests and not tree.make(targets_of(tree, tests)):
        die('the copy does not build:\n' + tree.tail())
    for t in tests:
        if not tree.passes(t):
            die(f'{t} fails before anything was broken:\n' + tree.tail())


def try_row(tree, r):
    """What a test made of it: (state, by)."""
    path = os.path.join(tree.src, r.file)
    with open(path) as f:
        whole = f.read()
    try:
        with open(path, 'w') as f:
            f.write(whole.replace(r.old, r.new))
        if not tree.make(targets_of(tree, r.tests)):
            return 'invalid', tree.tail()
        for t in r.tests:
            passed = tree.passes(t)
            if not passed:
                return 'seen', t + (' (it did not end)' if passed is None else '')
        return 'survived', ', '.join(r.tests)
    finally:
        with open(path, 'w') as f:
            f.write(whole)


def turn_of(rows, count):
    turn = int(os.environ.get('MUTANTS_TURN') or time.time() // 86400)
    first = turn * count % len(rows)
    return (rows + rows)[first:first + min(count, len(rows))]


def main(argv):
    options, plain = {}, []
    it = iter(argv)
    for a in it:
        if a in ('--turns', '--only', '--seconds'):
            options[a] = next(it, None) or die(a + ' needs a value')
        elif a == '--check':
            options[a] = True
        elif a.startswith('--'):
            die(f'what is {a}?')
        else:
            plain.append(a)
    if len(plain) != 2:
        die('usage: run.py SRCDIR TREE [--turns N] [--only TEXT] [--seconds S] [--check]')
    srcdir, folder = (os.path.abspath(p) for p in plain)
    path = os.path.join(srcdir, 'tests/mutants/rows.txt')
    rows = read_rows(path)
    if not rows or not check_rows(rows, srcdir, path):
        sys.exit(2)
    if '--check' in options:
        print(f'mutants: {len(rows)} rows')
        return 0
    if '--only' in options:
        rows = [r for r in rows if options['--only'] in r.name or options['--only'] in r.file]
        if not rows:
            die('no row is named so')
    if '--turns' in options:
        rows = turn_of(rows, int(options['--turns']))
    began = time.time()
    tree = Tree(folder)
    copy_tree(srcdir, tree.src)
    tree.configure()
    seen, survived, late, whole = 0, [], 0, set()
    for r in rows:
        if '--seconds' in options and time.time() - began > float(options['--seconds']):
            late += 1
            continue
        from_s = time.time()
        expect_whole(tree, [t for t in r.tests if t not in whole])
        whole.update(r.tests)
        state, by = try_row(tree, r)
        if state == 'invalid':
            die(f'{path}:{r.line}: {r.name} does not compile:\n{by}')
        print(f'{state:8} {r.name} ({r.file}): {by} ({time.time() - from_s:.0f} s)', flush=True)
        seen += state == 'seen'
        if state == 'survived':
            survived.append(r)
    for r in survived:
        print(f'SURVIVED {path}:{r.line}: {r.name}: {r.old.strip()}  ->  {r.new.strip()}')
    print(f'mutants: {len(rows) - late} tried, {seen} seen, {len(survived)} survived' + (f', {late} not tried for want of time' if late else ''))
    return 1 if survived else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
