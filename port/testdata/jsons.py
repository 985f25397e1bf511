# JSON as Python writes and reads it.
import json

print(json.dumps({"x": [1, 2, 3], "y": "é\"\n\\ /", "z": True, "n": None, "f": 1e-05, "g": 2.0}))
print(json.dumps({"b": 0.1, "a": [], "c": {}, "d": {"z": [1, [2, 3]], "k": (1, "a")}}, indent=4))
print(json.dumps({"b": 0.1, "a": 1e+16, "c": 123456789.123}, indent=2, sort_keys=True))
print(json.dumps(["😀", "ü"], ensure_ascii=False), json.dumps("😀ü"), json.dumps([1.5, float("inf"), -float("inf"), float("nan")]))
print(json.dumps({1: "one", 2: "two"}), json.dumps([]), json.dumps("a"), json.dumps(3), json.dumps(None), json.dumps((1, 2)))

counts = {}
for w in ["b", "a", "b"]:
    counts[w] = counts.get(w, 0) + 1
with open("jsons_test_file.json", "w") as f:
    json.dump(counts, f, indent=2)
with open("jsons_test_file.json") as f:
    again = json.load(f)
print(again, again["b"] + 1, len(again))
for name, n in again.items():
    print(name, n, n * 2)

data = json.loads('{"name": "net", "layers": [{"units": 32, "rate": 0.5}, {"units": 10, "rate": 0.25}], "on": true, "none": null, "list": [1, 2.5, -3]}')
print(data["name"], data["layers"][0]["units"], data["none"], data["on"])
print(data)
for layer in data["layers"]:
    print(layer["units"], "%.2f" % layer["rate"], f"{layer['rate']:.1f}")
print(data.get("missing"), data.get("missing", "or"), data.get("name"))
print("name" in data, "other" in data, data["none"] is None, data["name"] == "net", data["layers"][0]["units"] == 32)
print(data["name"].upper(), data["name"] + "!", int(data["list"][1]), float(data["layers"][1]["units"]))
print(list(data.keys()), data["list"][-1], data["list"][:2])
if data["on"]:
    print("on")
if data["layers"][0]["units"] > 20:
    print("large")
print(str(data["list"]), json.dumps(data["layers"]))
try:
    print(data["nothing"])
except KeyError as e:
    print("no", e)
