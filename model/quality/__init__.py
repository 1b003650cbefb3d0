"""How good a network is: PSNR and SSIM, the simple methods it has to beat, and an evaluation on pairs."""
