"""Makes seed.ipynb of the text of the notebook that this project began with: python seed.py ex1_functional_api.txt > seed.ipynb

The text is a PDF's: long lines of code are broken, with an arrow where they go on. The cell that loads the data is not in it; it is the one
of docs/porting.md.
"""
import json
import re
import sys

DATA = """(X_train, y_train), (X_test, y_test) = cifar10.load_data()
X_train = X_train.astype('float32') / 255
X_test = X_test.astype('float32') / 255
y_train = to_categorical(y_train, 10)
y_test = to_categorical(y_test, 10)"""


# The PDF's text has the cells of a few rows of the tables on lines of their own, in no order, and lost two zeros.
ROWS = [("conv2d_4 (Conv2D)", "(None, 8, 8, 128)", "73856"), ("conv2d_5 (Conv2D)", "(None, 8, 8, 128)", "147584"),
        ("max_pooling2d_2 (MaxPoolin", "(None, 4, 4, 128)", "0"), ("flatten (Flatten)", "(None, 2048)", "0"), ("dropout (Dropout)", "(None, 2048)", "0"),
        ("dense (Dense)", "(None, 300)", "614700"), ("dropout_1 (Dropout)", "(None, 300)", "0"), ("dense_1 (Dense)", "(None, 10)", "3010")]


def repaired(output):
    def table(rows):
        return "\n" + "".join("\t".join(row) + "\n" for row in rows)
    output = re.sub(r"\nconv2d_4 \(Conv2D\)\n.*?(?=\n\s*Total params)", lambda _: table(ROWS), output, flags=re.S)
    return re.sub(r"\n\s*dense_5 \(Dense\)\n.*?(?=\n\s*_____)", lambda _: table([("dense_5 (Dense)", "(None, 10)", "1010")]), output, flags=re.S)


def code_of(block):
    """The lines of a cell; in this notebook only arguments are indented."""
    block = re.sub(r"^\[\]: ?", "", block)
    block = re.sub(r",[ _]*u?\s*\n\s*[→⇒⇔]?\s*(?=stch_size|batch_size|metrics=)", ", ", block).replace("stch_size", "batch_size")
    lines, depth = [], 0
    for line in block.split("\n"):
        line = line.strip()
        closing = line.startswith(")")
        lines.append("    " * (1 if depth > 0 and not closing else 0) + line)
        depth += line.count("(") - line.count(")") if not line.startswith("#") else 0
    return "\n".join(lines).replace("Flatten,\nDense", "Flatten, Dense").rstrip()


def main():
    text = open(sys.argv[1], encoding="utf-8").read()
    cells, last = [], 0
    code, output, fenced, started = [], [], False, False

    def flush():
        nonlocal code, output
        if code:
            outputs = repaired("".join(l + "\n" for l in output))
            cells.append({"cell_type": "code", "execution_count": None, "metadata": {}, "source": code_of("\n".join(code)),
                          "outputs": [{"output_type": "stream", "name": "stdout", "text": outputs}] if outputs.strip() else []})
        code, output = [], []

    open_code = False
    for line in text.split("\n"):
        if line.strip() == "```":
            fenced = not fenced
            open_code = open_code and not fenced or fenced and bool(code) and not output
            continue
        plain = line.replace("<pre>", "").replace("</pre>", "")
        if re.match(r"\[\]:", line):
            flush()
            code, open_code = [line], True
        elif not fenced and re.match(r"#+ ", line):
            flush()
            cells.append({"cell_type": "markdown", "metadata": {}, "source": line.replace("\\_", "_")})
        elif fenced and open_code and code and re.match(r'Model: "', line.strip()):
            open_code = False
            output.append(plain)
        elif fenced and open_code and code and not re.match(r"\s*(Epoch \d+/\d+|\d\.\d{4}|accuracy: )", line):
            code.append(line)
        elif code:
            if fenced:
                open_code = False
            if output or plain.strip():
                output.append(plain.replace('\\_', '_'))
    flush()
    for i, cell in enumerate(cells):
        if cell["cell_type"] == "code" and "ModelCheckpoint(" in cell["source"]:
            cells.insert(i, {"cell_type": "code", "execution_count": None, "metadata": {}, "source": DATA, "outputs": []})
            break
    json.dump({"cells": cells, "metadata": {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}},
               "nbformat": 4, "nbformat_minor": 5}, sys.stdout, indent=1, ensure_ascii=False)
    print()


main()
