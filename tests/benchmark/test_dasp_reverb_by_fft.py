import torch
from dasp_pytorch.functional import noise_shaped_reverberation
from dasp_pytorch.modules import NoiseShapedReverb

from text2fx_studio.benchmark.dasp_reverb_by_fft import NoiseShapedReverbByFFT


def test_the_twin_gives_dasps_output_and_gradient_from_the_same_draws() -> None:
    theirs, ours = NoiseShapedReverb(44_100), NoiseShapedReverbByFFT(44_100)
    assert ours.param_ranges == theirs.param_ranges
    x = 0.1 * torch.randn(1, 1, 6_000)
    outputs, gradients = [], []
    for processor in (theirs, ours):
        torch.manual_seed(3)
        logits = torch.randn(1, 25, requires_grad=True)
        y = processor.process_normalized(x, torch.sigmoid(logits))
        (y * torch.linspace(-1, 1, 6_000)).sum().backward()
        outputs.append(y.detach())
        gradients.append(logits.grad)
    assert outputs[0].shape == outputs[1].shape == (1, 2, 6_000)
    torch.testing.assert_close(outputs[1], outputs[0], rtol=0, atol=1e-5 * float(outputs[0].max()))
    scale = float(gradients[0].abs().max())
    torch.testing.assert_close(gradients[1], gradients[0], rtol=1e-3, atol=1e-4 * scale)


def test_stereo_in_and_a_sound_longer_than_the_response() -> None:
    ours = NoiseShapedReverbByFFT(48_000, num_samples=1024)
    x = 0.1 * torch.randn(1, 2, 5_000)
    setting = torch.rand(1, 25)
    names = list(ours.param_ranges)
    torch.manual_seed(8)
    got = ours.process_normalized(x, setting)
    torch.manual_seed(8)
    wanted = noise_shaped_reverberation(
        x, 48_000, **{n: setting[:, i] for i, n in enumerate(names)}, num_samples=1024
    )
    torch.testing.assert_close(got, wanted, rtol=0, atol=1e-6)
