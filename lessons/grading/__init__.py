"""Grades learners' notebooks: `mirnet lessons --grade FOLDER -o grades.csv`.

Nothing that a notebook holds can make its own verdict. Three processes take part:

1. the command (`grades`) goes through a folder, and writes the table;
2. for each notebook a *judge* runs the checks of `lessons/checks`, as they are in the package;
3. the answers run in a *sandbox* of the judge (`answer_process`), without network, without files of others, without our
   solutions and checks, with limits on time, memory and processes.

The judge hands inputs over a pipe, and compares what comes back: arrays, numbers and text, never code (`data_pipe`).
So an answer that replaces checks, reads the stack or writes into the pipe itself can give outputs, right or wrong, and
nothing else. The command of the sandbox is in `walls`.
"""
