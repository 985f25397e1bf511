package jpeg

// RGB returns a CMYK picture as RGB. Programs of Adobe's store inks the other way round: TensorFlow looks whether one of them wrote the file, Pillow, which mixes
// colors otherwise, believes that all files are theirs.
func (p *Picture) RGB(tensorFlow bool) *Picture {
	out := &Picture{p.Width, p.Height, RGB, p.Adobe, make([]uint8, 3*p.Width*p.Height)}
	for i := range p.Width * p.Height {
		inks, color := p.Pixels[4*i:4*i+4], out.Pixels[3*i:3*i+3]
		white := uint32(inks[3])
		for c, ink := range inks[:3] {
			light := uint32(ink)
			switch {
			case !tensorFlow:
				v := (255-light)*white + 128
				color[c] = uint8(white - (v>>8+v)>>8)
			case p.Adobe:
				color[c] = uint8(light * white / 255)
			default:
				color[c] = uint8((255 - light) * (255 - white) / 255)
			}
		}
	}
	return out
}
