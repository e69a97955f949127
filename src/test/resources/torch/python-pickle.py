"""Writes python-pickle.pth: what torch.save lays out, by CPython's own pickle and zipfile."""
import io, pickle, sys, zipfile
from collections import OrderedDict
import numpy as np
import torch, torch._utils as u
class Storage:
    def __init__(self, kind, key, array): self.kind, self.key, self.array = kind, key, array
class Tensor:
    def __init__(self, st, off, size, stride): self.a = (st, off, tuple(size), tuple(stride), False, OrderedDict())
    def __reduce__(self): return (u._rebuild_tensor_v2, self.a)
class Parameter:
    def __init__(self, t): self.t = t
    def __reduce__(self): return (u._rebuild_parameter, (self.t, True, OrderedDict()))
class P(pickle._Pickler):
    def persistent_id(self, o):
        return ('storage', o.kind, o.key, 'cpu', len(o.array)) if isinstance(o, Storage) else None
st = [Storage(torch.FloatStorage, '0', np.arange(24, dtype='<f4')),
      Storage(torch.HalfStorage, '1', np.array([0.5, -2, 65504], dtype='<f2')),
      Storage(torch.LongStorage, '2', np.array([7], dtype='<i8'))]
state = OrderedDict()
state['conv.weight'] = Parameter(Tensor(st[0], 0, (2, 3, 2, 2), (12, 4, 2, 1)))
state['view.weight'] = Tensor(st[0], 1, (3, 2), (2, 8))
state['half.bias'] = Tensor(st[1], 0, (3,), (1,))
state['bn.num_batches_tracked'] = Tensor(st[2], 0, (), ())
state._metadata = OrderedDict([('', {'version': 1})])
b = io.BytesIO(); P(b, 2).dump({'epoch': 3, 'lr': 0.1, 'state_dict': state, 'best': None, 'args': ['a', (1, 2**40)]})
with zipfile.ZipFile(sys.argv[1], 'w') as z:
    def put(n, d):
        with z.open(zipfile.ZipInfo('run/' + n, (1980, 1, 1, 0, 0, 0)), 'w', force_zip64=True) as f: f.write(d)
    put('data.pkl', b.getvalue()); put('byteorder', b'little')
    for s in st: put('data/' + s.key, s.array.tobytes())
    put('version', b'3\n'); put('.data/serialization_id', b'1')
