"""The engines that hold person-level rows; the only rooms that import one."""
