import time
from tests.web.board.whole_trial import *
def test_it(migrated_sqlcipher, tmp_path):
    t=time.time()
    with whole_trial(migrated_sqlcipher, tmp_path) as w:
        print(time.time()-t); print(w)
        for r in sorted(routes_of(w.trial)): print(r)
