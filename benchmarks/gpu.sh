#!/bin/bash
# gokeras on an NVIDIA GPU: golden tests of every family of layers, then speed beside Keras on JAX.
#
#   benchmarks/gpu.sh build          where Go is: writes what the other machine needs into benchmarks/gpu/
#   benchmarks/gpu.sh run [OUT]      on Linux with the GPU, its driver, and a Python (PYTHON, default python3) with keras and JAX for
#                                    CUDA, in this checkout, with benchmarks/gpu/; no Go, no network. Writes into OUT, default
#                                    benchmarks/results. PLUGIN names another PJRT plugin than JAX's for CUDA.
#
# A run ends within ten minutes: each part has a limit, and the next goes on where one failed or took too long.
set -u
cd "$(dirname "$0")/.."
built=benchmarks/gpu
packages=(layers internal/golden optimizers functional)

build() {
	set -e
	rm -rf $built
	mkdir -p $built
	go build -ldflags "-s -w" -o $built/gokeras ./cmd/gokeras
	go build -ldflags "-s -w" -o $built/quickstart ./examples/quickstart
	for package in "${packages[@]}"; do
		go test -c -ldflags "-s -w" -o "$built/${package//\//-}.test" "./$package"
	done
	xz -f $built/*
	du -ch $built/* | tail -1
}

part() { # part SECONDS TITLE COMMAND...: its whole output goes into a file of its own
	local limit=$1 title=$2 started=$SECONDS
	shift 2
	timeout -k 5 "$limit" "$@" >"$out/gpu-$title.log" 2>&1
	local code=$?
	echo "$title: $([ $code = 0 ] && echo ok || echo "FAILED, status $code"), $((SECONDS - started)) s" | tee -a "$summary"
	[ $code = 0 ] || grep -E '^ *--- FAIL|^panic|Error:|error:' "$out/gpu-$title.log" | head -15 | tee -a "$summary"
}

run() {
	out=$(realpath -m "${1:-benchmarks/results}")
	mkdir -p "$out"
	summary=$out/gpu.md
	python=${PYTHON:-python3}
	plugin=${PLUGIN:-$("$python" -c 'import glob, sys; print(*[p for d in sys.path for p in glob.glob(d + "/jax_plugins/xla_cuda*/xla_cuda_plugin.so")], sep="\n")' | head -1)}
	if [ ! -f "$plugin" ]; then
		echo "no PJRT plugin for CUDA: $python has no jax_plugins/xla_cuda*/xla_cuda_plugin.so; PLUGIN=/a/plugin.so names one" >&2
		exit 1
	fi
	bin=$(mktemp -d)
	trap 'rm -rf "$bin"' EXIT
	"$python" - "$bin" $built/*.xz <<'END' # by Python: the machine may have no xz
import lzma, os, shutil, sys
for path in sys.argv[2:]:
    target = os.path.join(sys.argv[1], os.path.basename(path)[: -len(".xz")])
    with lzma.open(path) as packed, open(target, "wb") as f:
        shutil.copyfileobj(packed, f)
    os.chmod(target, 0o755)
END
	{
		echo "# gokeras on a GPU, $(date +%F)"
		echo
		nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader 2>/dev/null || echo "no nvidia-smi"
		echo "plugin $plugin"
		echo
	} | tee "$summary"
	# float32 products as exact as Keras's, for numbers that are compared; for speed, what each library does by itself.
	export GOKERAS_BACKEND=xla:$plugin GOKERAS_OFFLINE=1
	part 30 backend "$bin/gokeras" backend
	part 60 quickstart "$bin/quickstart" -samples 10000 -epochs 2
	for package in "${packages[@]}"; do
		part 60 "${package//\//-}" env -C "$package" GOKERAS_TEST_ENGINES=xla GOKERAS_TEST_XLA="$plugin,tf32=false" \
			"$bin/${package//\//-}.test" -test.run 'Golden|Keras|Probes' -test.v
		echo "	$(grep -c '^ *--- PASS' "$out/gpu-${package//\//-}.log") tests passed, $(grep -c '^ *--- FAIL' "$out/gpu-${package//\//-}.log") failed" | tee -a "$summary"
	done
	part 240 compare "$python" benchmarks/compare.py --gpu "$plugin" --gokeras "$bin/gokeras" --python "$python" --backends gokeras,jax --out "$out" --name gpu-speed \
		--models model1,model2,model3,resnet20,transformer,bilstm --rounds 3 --fresh-rounds 0
	[ -f "$out/gpu-speed.md" ] && sed 's/^#/##/' "$out/gpu-speed.md" >>"$summary"
	cat "$summary"
}

case ${1:-} in
build) build ;;
run) run "${2:-}" ;;
*) sed -n '2,/^$/s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac
