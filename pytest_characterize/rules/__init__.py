"""The rules room: what decides in legacy source, and how to see which case made it decide.

Pure: source text in, instrumented text and a catalogue out; messages in, numbers out. A recorder installs the
text and hands the messages back. One folder a language; all of them speak the words of :mod:`.catalogue`.
"""
