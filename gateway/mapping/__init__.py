"""Their words to ours, and back. Pure: values in, values out.

A mapping file says for each operation where a request's values come from and where a record's facts stand. It is compiled
once, at start-up, into a `RequestBuilder` and a `RecordReader`; a call then costs a few dictionary look-ups. There are no
expressions: a value goes through one conversion of a closed list (`conversions`) and, if it is a code, through one table.

Two rules hold everywhere. What cannot be read is a `BadReply`, never a None that looks like "they have nothing". And a
reply is about the person asked: facts that echo the question are compared with it before any other fact is read.
No exception made here carries a value; names of facts and conversions are ours and may be shown.
"""
