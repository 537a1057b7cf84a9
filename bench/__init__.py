"""The measurements that the README quotes: CPU time, which a busy machine disturbs least, as ratios within one run."""
